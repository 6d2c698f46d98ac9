#!/usr/bin/env node
'use strict'
// kith diff on two stores that share most of a million messages, where some
// feeds are forked, and a tenth of them shorter in one: cold, warm, and over a
// live peer. Prints the report as Markdown; exits with 1 if a goal is missed or
// a verdict is not what was planted.
//   LARGE=1000000 FEEDS=20000 ROUNDS=5 in the environment
const fs = require('fs')
const path = require('path')
const readline = require('readline')
const { execFileSync, spawn, spawnSync } = require('child_process')
const { idOf, posts } = require('../interop/classic')
const { start } = require('../interop/driver')
const { build, KITH, must } = require('../interop/kith')
const { identity } = require('../interop/wire')
const { median } = require('./process')

const LARGE = Number(process.env.LARGE || 1000000)
const FEEDS = Number(process.env.FEEDS || 20000)
const ROUNDS = Number(process.env.ROUNDS || 5)
const LIMIT_S = 2
const KEPT = 10 // messages of a feed that is cut
const dir = path.join(build, 'bench', 'diff')
const file = name => path.join(dir, name)
const say = text => process.stdout.write(text + '\n')
let missed = 0

function goal (what, ok) {
  if (!ok) missed++
  say(`- ${ok ? 'met' : '**missed**'}: ${what}`)
}

// Forks near the start, in the middle and at the end of feeds of each length:
// [{ id, at, ids }], and the lines of both branches.
function plant () {
  const forks = []; const lines = [[], []]
  for (const length of [10, 1000, 20000]) {
    for (const at of [2, length >> 1, length]) {
      const self = identity()
      const common = posts(self, [], at - 1, 'common')
      const branches = ['here', 'there'].map(text => posts(self, common.slice(), length - at + 1, text))
      branches.forEach((feed, i) => lines[i].push(...feed.map(m => JSON.stringify(m))))
      forks.push({ id: self.id, at, length, ids: branches.map(feed => idOf(feed[at - 1])) })
    }
  }
  return { forks, lines }
}

// The network, and the same where each feed whose key begins with one of six
// characters of 64 keeps its first messages only; gives how many were cut.
async function network (messages) {
  const out = ['a', 'b'].map(name => fs.createWriteStream(file(name + '.ndjson')))
  const child = spawn(path.join(build, 'tests/bench/generate'), [messages, FEEDS, 'feed', 1].map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
  const cut = new Set(); const feeds = new Set()
  for await (const line of readline.createInterface({ input: child.stdout })) {
    const [, sequence, author] = /"sequence":(\d+),"author":"([^"]+)"/.exec(line)
    feeds.add(author)
    const short = 'ABCDEF'.includes(author[1]) && Number(sequence) > KEPT
    if (short) cut.add(author)
    for (const o of short ? out.slice(0, 1) : out) if (!o.write(line + '\n')) await new Promise(resolve => o.once('drain', resolve))
  }
  return { out, cut: cut.size, feeds: feeds.size }
}

// Both homes and what is in them; made once.
async function prepare () {
  if (fs.existsSync(file('truth.json'))) return JSON.parse(fs.readFileSync(file('truth.json'), 'utf8'))
  fs.rmSync(dir, { recursive: true, force: true })
  fs.mkdirSync(dir, { recursive: true })
  const { forks, lines } = plant()
  const { out, cut, feeds } = await network(LARGE - lines[0].length)
  for (const [i, o] of out.entries()) {
    o.write(lines[i].join('\n') + '\n')
    await new Promise(resolve => o.end(resolve))
  }
  for (const name of ['a', 'b']) {
    const home = file(`${name}/home`)
    fs.mkdirSync(file(name), { recursive: true })
    await must(home, 'init')
    await must(home, 'import', file(name + '.ndjson'))
    fs.rmSync(file(name + '.ndjson'))
  }
  const truth = { forks, cut, equal: feeds - cut }
  fs.writeFileSync(file('truth.json'), JSON.stringify(truth))
  return truth
}

// Forgets what the system has read; false where it does not let us.
function dropCaches () {
  try {
    execFileSync('sync')
    fs.writeFileSync('/proc/sys/vm/drop_caches', '3')
    return true
  } catch { return false }
}

function diff (...args) {
  const t0 = process.hrtime.bigint()
  const { status, stdout, stderr } = spawnSync(KITH, ['--home', file('a/home'), 'diff', '--json', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const seconds = Number(process.hrtime.bigint() - t0) / 1e9
  if (status > 1 || stderr) throw new Error(`kith diff: exit ${status}: ${stderr}`)
  const rows = stdout.split('\n').filter(Boolean).map(JSON.parse)
  return { seconds, sum: rows.pop(), rows }
}

// Every planted fork is found at its place, with its messages.
const found = (rows, forks) => forks.every(f => {
  const row = rows.find(r => r.feed === f.id) || {}
  return row.state === 'diverged' && row.at === f.at && row.same === f.at - 1 &&
    row.id_a === f.ids[0] && row.id_b === f.ids[1] && !row.problem
})

function stores (truth) {
  const a = file('a/home'); const b = file('b/home')
  const longest = truth.forks.filter(f => f.length === 20000).map(f => f.id).join()
  const cold = dropCaches()
  say('| what | caches | median s | worst s | single messages read |\n|---|---|---|---|---|')
  for (const [what, args] of [['every feed', [a, b]], ['three long forked feeds', ['--feeds', longest, a, b]]]) {
    for (const state of cold ? ['dropped', 'warm'] : ['warm']) {
      const runs = []
      for (let i = 0; i < ROUNDS; i++) {
        if (state === 'dropped') dropCaches()
        runs.push(diff(...args))
      }
      const times = runs.map(r => r.seconds)
      const { sum, rows } = runs[0]
      say(`| ${what} | ${state} | ${median(times).toFixed(2)} | ${Math.max(...times).toFixed(2)} | ${sum.asked_a} and ${sum.asked_b} |`)
      truth.runs.push({ what, state, worst: Math.max(...times), sum, rows })
    }
  }
  if (!cold) say('\nCaches could not be dropped on this machine.')
}

async function live (truth) {
  const k = await start('kith', { dir: file('b') })
  const ids = truth.forks.map(f => f.id)
  for (const id of ids) await k.cmd('follow', { id })
  say('\nOver a live peer on loopback, one feed each; requests to it, with the one by which it tells its clock, and the one for a sample that shows its network:\n')
  say('| messages | parts at | requests | ms |\n|---|---|---|---|')
  let few = true; let right = true
  for (const f of truth.forks) {
    const r = diff('--feeds', f.id, file('a/home'), `peer:${k.addr}`)
    const requests = r.sum.asked_b + 1
    say(`| ${f.length} | ${f.at} | ${requests} | ${(r.seconds * 1000).toFixed(0)} |`)
    few = few && requests <= Math.ceil(Math.log2(f.length)) + 5
    right = right && found(r.rows, [f])
  }
  await k.quit()
  return { few, right }
}

async function main () {
  const truth = { runs: [], ...await prepare() }
  say(`Two stores of ${LARGE.toLocaleString('en')} messages less what is cut, ${truth.equal + truth.cut} feeds and ${truth.forks.length} that are forked.\n`)
  stores(truth)
  const { few, right } = await live(truth)
  const all = truth.runs.filter(r => r.what === 'every feed')
  say('\n## Goals\n')
  goal('every fork is found at its place', truth.runs.every(r => found(r.rows, truth.forks.filter(f => r.what === 'every feed' || f.length === 20000))))
  goal(`${truth.cut} feeds are longer in one, ${truth.equal} are equal`, all.every(r => r.sum.ahead === truth.cut && r.sum.equal === truth.equal && r.sum.diverged === truth.forks.length))
  for (const r of truth.runs) goal(`${r.what}, caches ${r.state}, in under ${LIMIT_S} s`, r.worst < LIMIT_S)
  goal('over a live peer in log2(n) + 5 requests', few)
  goal('and at the right places', right)
  process.exit(missed ? 1 : 0)
}

main().catch(e => { console.error(e); process.exit(1) })
