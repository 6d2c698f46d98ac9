#!/usr/bin/env node
'use strict'
// kith diff on two stores that share most of a million messages, where some
// feeds are forked, and a tenth of them shorter in one: of many feeds and of a
// few long ones, cold, warm, over a live peer, and over one that is far away.
// Prints the report as Markdown; exits with 1 if a goal is missed or a verdict
// is not what was planted. What was made before is used again.
//   LARGE=1000000 FEEDS=20000 LONG=20 ROUNDS=5 in the environment
const fs = require('fs')
const net = require('net')
const path = require('path')
const readline = require('readline')
const { execFile, spawn } = require('child_process')
const { idOf, next, posts } = require('../interop/classic')
const { start } = require('../interop/driver')
const { build, KITH, must } = require('../interop/kith')
const { identity } = require('../interop/wire')
const { dropCaches, median } = require('./process')

const LARGE = Number(process.env.LARGE || 1000000)
const FEEDS = Number(process.env.FEEDS || 20000)
const LONG = Number(process.env.LONG || 20)
const ROUNDS = Number(process.env.ROUNDS || 5)
const LIMIT_S = 2
const KEPT = 10 // messages of a feed that is cut
const NEAR = 2000 // feeds of which the peer tells, of the first shape
const DELAY_MS = 25 // each way, of the peer that is far away
const TURNS_MAX = 0.1 // of what one question after the other would take
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
// characters of 64 keeps its first messages only; gives what was cut and which
// feeds there are.
async function network (shape, messages) {
  const out = ['a', 'b'].map(name => fs.createWriteStream(shape.file(name + '.ndjson')))
  const child = spawn(path.join(build, 'tests/bench/generate'), [messages, shape.feeds, 'feed', 1].map(String), { stdio: ['ignore', 'pipe', 'inherit'] })
  const cut = new Set(); const feeds = new Set()
  for await (const line of readline.createInterface({ input: child.stdout })) {
    const [, sequence, author] = /"sequence":(\d+),"author":"([^"]+)"/.exec(line)
    feeds.add(author)
    const short = 'ABCDEF'.includes(author[1]) && Number(sequence) > KEPT
    if (short) cut.add(author)
    for (const o of short ? out.slice(0, 1) : out) if (!o.write(line + '\n')) await new Promise(resolve => o.once('drain', resolve))
  }
  return { out, cut: cut.size, feeds: [...feeds] }
}

// One that follows the first of them, so that who follows it tells of those.
function guide (feeds) {
  const self = identity()
  let last = null
  const lines = feeds.slice(0, NEAR).map(contact => JSON.stringify(last = next(self, last, { type: 'contact', contact, following: true })))
  return { id: self.id, lines }
}

// What both stores hold, as files; made once.
async function files (shape) {
  if (fs.existsSync(shape.file('truth.json'))) return JSON.parse(fs.readFileSync(shape.file('truth.json'), 'utf8'))
  fs.rmSync(shape.dir, { recursive: true, force: true })
  fs.mkdirSync(shape.dir, { recursive: true })
  const { forks, lines } = plant()
  const { out, cut, feeds } = await network(shape, LARGE - lines[0].length - Math.min(NEAR, shape.feeds))
  const guided = guide(feeds)
  for (const [i, o] of out.entries()) {
    o.write(lines[i].concat(guided.lines).join('\n') + '\n')
    await new Promise(resolve => o.end(resolve))
  }
  const truth = { forks, cut, equal: feeds.length - cut + 1, guide: guided.id, told: guided.lines.length }
  fs.writeFileSync(shape.file('truth.json'), JSON.stringify(truth))
  return truth
}

// Both homes and what is in them; each is made once.
async function prepare (shape) {
  const truth = await files(shape)
  for (const name of ['a', 'b']) {
    const home = shape.file(`${name}/home`)
    if (!fs.existsSync(shape.file(name + '.ndjson'))) continue
    fs.rmSync(shape.file(name), { recursive: true, force: true })
    fs.mkdirSync(shape.file(name), { recursive: true })
    await must(home, 'init')
    await must(home, 'import', shape.file(name + '.ndjson'))
    fs.rmSync(shape.file(name + '.ndjson'))
  }
  return truth
}

const diff = (shape, ...args) => new Promise((resolve, reject) => {
  const t0 = process.hrtime.bigint()
  execFile(KITH, ['--home', shape.file('a/home'), 'diff', '--json', ...args], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
    const seconds = Number(process.hrtime.bigint() - t0) / 1e9
    if ((error && error.code !== 1) || stderr) return reject(new Error(`kith diff: ${error}: ${stderr}`))
    const rows = stdout.split('\n').filter(Boolean).map(line => JSON.parse(line))
    resolve({ seconds, sum: rows.pop(), rows })
  })
})

// Every planted fork is found at its place, with its messages.
const found = (rows, forks) => forks.every(f => {
  const row = rows.find(r => r.feed === f.id) || {}
  return row.state === 'diverged' && row.at === f.at && row.same === f.at - 1 &&
    row.id_a === f.ids[0] && row.id_b === f.ids[1] && !row.problem
})

async function stores (shape, truth) {
  const a = shape.file('a/home'); const b = shape.file('b/home')
  const longest = truth.forks.filter(f => f.length === 20000)
  const cold = dropCaches()
  say('| what | caches | median s | worst s | single messages read |\n|---|---|---|---|---|')
  for (const [what, args, forks] of [['every feed', [a, b], truth.forks], ['three long forked feeds', ['--feeds', longest.map(f => f.id).join(), a, b], longest]]) {
    for (const state of cold ? ['dropped', 'warm'] : ['warm']) {
      const runs = []
      for (let i = 0; i < ROUNDS; i++) {
        if (state === 'dropped') dropCaches()
        runs.push(await diff(shape, ...args))
      }
      const times = runs.map(r => r.seconds)
      const { sum, rows } = runs[0]
      say(`| ${what} | ${state} | ${median(times).toFixed(2)} | ${Math.max(...times).toFixed(2)} | ${sum.asked_a} and ${sum.asked_b} |`)
      const counted = forks !== truth.forks || (sum.ahead === truth.cut && sum.equal === truth.equal && sum.diverged === forks.length)
      shape.goals.push([`${what}, caches ${state}, in under ${LIMIT_S} s`, Math.max(...times) < LIMIT_S],
        [`${what}, caches ${state}: every verdict is right`, counted && found(rows, forks)])
    }
  }
  if (!cold) say('\nCaches could not be dropped on this machine.')
}

async function live (shape, truth, k) {
  say('\nOver a live peer on loopback, one feed each; requests to it, with the one by which it tells its clock, and the one for a sample that shows its network:\n')
  say('| messages | parts at | requests | ms |\n|---|---|---|---|')
  let few = true; let right = true
  for (const f of truth.forks) {
    const r = await diff(shape, '--feeds', f.id, shape.file('a/home'), `peer:${k.addr}`)
    const requests = r.sum.asked_b + 1
    say(`| ${f.length} | ${f.at} | ${requests} | ${(r.seconds * 1000).toFixed(0)} |`)
    few = few && requests <= Math.ceil(Math.log2(f.length)) + 5
    right = right && found(r.rows, [f])
  }
  shape.goals.push(['over a live peer in log2(n) + 5 requests', few], ['and at the right places', right])
}

// A way to a port where each byte takes so long, there and back.
const farAway = port => new Promise(resolve => {
  const server = net.createServer(near => {
    const far = net.connect(port, '127.0.0.1')
    const carry = (from, to) => {
      from.setNoDelay()
      from.on('data', data => setTimeout(() => to.write(data), DELAY_MS))
      from.on('close', () => setTimeout(() => to.destroy(), DELAY_MS))
      from.on('error', () => {})
    }
    carry(near, far)
    carry(far, near)
  })
  server.listen(0, '127.0.0.1', () => resolve(server))
})

async function many (shape, truth, k) {
  const way = await farAway(k.port)
  const far = k.addr.replace(`:${k.port}~`, `:${way.address().port}~`)
  say(`\nOver a live peer, all of which it tells: ${truth.told} feeds of a guide, and those that are forked; on loopback, and ${2 * DELAY_MS} ms away:\n`)
  say('| ms away | requests | s | s if each were waited for |\n|---|---|---|---|')
  for (const [ms, address] of [[0, k.addr], [2 * DELAY_MS, far]]) {
    const r = await diff(shape, shape.file('a/home'), `peer:${address}`)
    const requests = r.sum.asked_b + 1
    const alone = requests * ms / 1000
    say(`| ${ms} | ${requests} | ${r.seconds.toFixed(2)} | ${ms ? alone.toFixed(2) : ''} |`)
    shape.goals.push([`${ms} ms away, many feeds: every fork is found at its place`, found(r.rows, truth.forks)],
      [`${ms} ms away, many feeds: every feed that it tells is compared`, r.sum.equal + r.sum.ahead >= truth.told])
    if (ms) shape.goals.push([`${ms} ms away, many feeds: in under a tenth of what one after the other takes`, r.seconds < alone * TURNS_MAX])
  }
  way.close()
}

async function measure (shape) {
  const truth = await prepare(shape)
  say(`## ${shape.title}\n\nTwo stores of ${LARGE.toLocaleString('en')} messages less what is cut, ${truth.equal + truth.cut} feeds and ${truth.forks.length} that are forked.\n`)
  await stores(shape, truth)
  const k = await start('kith', { dir: shape.file('b') })
  for (const id of truth.forks.map(f => f.id).concat(truth.guide)) await k.cmd('follow', { id })
  await live(shape, truth, k)
  if (truth.told > LONG) await many(shape, truth, k)
  await k.quit()
  say('\nGoals:\n')
  for (const [what, ok] of shape.goals) goal(what, ok)
  say('')
}

async function main () {
  for (const [name, title, feeds] of [['many', 'Many feeds', FEEDS], ['long', 'A few long feeds', LONG]]) {
    const dir = path.join(build, 'bench', 'diff', name)
    await measure({ title, feeds, dir, file: name => path.join(dir, name), goals: [] })
  }
  process.exit(missed ? 1 : 0)
}

main().catch(e => { console.error(e); process.exit(1) })
