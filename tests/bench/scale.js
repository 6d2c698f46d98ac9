#!/usr/bin/env node
'use strict'
// The log at scale, beside what the machine itself can do and beside the npm
// peers: import, fsck, reads, publishing, memory, bytes on disk, compaction.
// Prints the report as Markdown; exits with 1 if a goal is missed.
//   SMALL=100000 LARGE=1000000 ROUNDS=3 in the environment
const fs = require('fs')
const path = require('path')
const { execFileSync, spawnSync } = require('child_process')
const { build, KITH } = require('../interop/kith')
const { starts } = require('./coldstart')
const { dropCaches, measured, median } = require('./process')

const SMALL = Number(process.env.SMALL || 100000)
const LARGE = Number(process.env.LARGE || 1000000)
const ROUNDS = Number(process.env.ROUNDS || 3)
const dir = path.join(build, 'bench', 'scale')
const program = name => path.join(build, 'tests', 'bench', name)
const file = name => path.join(dir, name)
const say = text => process.stdout.write(text + '\n')
let missed = 0

const round = (n, digits = 0) => n.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })

// A line of the list of goals.
function goal (what, is, least) {
  const ok = is >= least
  if (!ok) missed++
  say(`- ${ok ? 'met' : '**missed**'}: ${what}: ${round(is, 2)} (goal: at least ${round(least, 2)})`)
}

const run = (name, ...args) => execFileSync(program(name), args, { encoding: 'utf8', maxBuffer: 1 << 26 })
const number = (text, pattern) => Number(pattern.exec(text)[1].replace(/,/g, ''))

// A made-up network, made once.
function network (messages, feeds, order) {
  const name = file(`${messages}-${feeds}-${order}.ndjson`)
  if (fs.existsSync(name)) return name
  const out = fs.openSync(name + '.part', 'w')
  const { status } = spawnSync(program('generate'), [messages, feeds, order, 1].map(String), { stdio: ['ignore', out, 'inherit'] })
  if (status) throw new Error('generate failed')
  fs.renameSync(name + '.part', name)
  return name
}

const fresh = name => { fs.rmSync(file(name), { recursive: true, force: true }); return file(name) }

// Runs kith on a home.
const kith = (home, ...args) => measured(KITH, ['--home', home, ...args])

// Signatures alone, on every core: by libsodium, and by ours.
function raw (name) {
  const out = run('raw', name)
  return { raw: number(out, /raw verify: (\d+)/), ours: number(out, /our verifiers: (\d+)/) }
}

async function imports (small) {
  const rates = { raw: [], ours: [], import: [], fsck: [], verify: [] }
  for (let i = 0; i < ROUNDS; i++) {
    const home = fresh('small')
    const signatures = raw(small)
    rates.raw.push(signatures.raw)
    rates.ours.push(signatures.ours)
    await kith(home, 'init')
    rates.import.push(SMALL / (await kith(home, 'import', small)).seconds)
    rates.fsck.push(SMALL / (await kith(home, 'fsck', '--full')).seconds)
    rates.verify.push(SMALL / (await kith(home, 'verify', '--quiet')).seconds)
  }
  const m = Object.fromEntries(Object.entries(rates).map(([k, v]) => [k, median(v)]))
  say(`## ${round(SMALL)} messages, medians of ${ROUNDS} interleaved rounds\n`)
  say('| what | messages a second | of raw verification |\n|---|---|---|')
  say(`| libsodium alone, every core | ${round(m.raw)} | 1.00 |`)
  say(`| our verifiers alone, every core | ${round(m.ours)} | ${round(m.ours / m.raw, 2)} |`)
  say(`| kith import, all indexes, process and all | ${round(m.import)} | ${round(m.import / m.raw, 2)} |`)
  say(`| kith fsck --full | ${round(m.fsck)} | ${round(m.fsck / m.raw, 2)} |`)
  say(`| kith verify | ${round(m.verify)} | ${round(m.verify / m.raw, 2)} |`)
  return m
}

// Each in a process of its own, as tests/bench/npm.js says.
function npm (small) {
  for (const what of ['ssb-db2', 'rust', 'ssb-classic', 'ssb-validate']) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(__dirname, 'npm.js'), what, small, file('npm')], { encoding: 'utf8' })
    say(status ? `| ${what} | failed: ${stderr.trim().split('\n').pop().slice(0, 80)} | |` : `| ${stdout.trim()} | |`)
  }
}

async function large (m) {
  say(`\n## ${round(LARGE)} messages\n`)
  say('| feeds, order | messages a second | of the rate at ' + round(SMALL) + ' | anonymous MiB at most | store bytes a message |\n|---|---|---|---|---|')
  let slowest = Infinity; let most = 0; let home
  for (const [feeds, order] of [[20000, 'feed'], [100, 'mixed'], [2000, 'mixed']]) {
    home = fresh('large')
    const name = network(LARGE, feeds, order)
    await kith(home, 'init')
    const r = await kith(home, 'import', name)
    const size = fs.statSync(path.join(home, 'store', 'data.mdb')).size
    slowest = Math.min(slowest, LARGE / r.seconds)
    most = Math.max(most, r.anon_kb)
    say(`| ${round(feeds)}, ${order === 'feed' ? 'feed after feed' : 'mixed'} | ${round(LARGE / r.seconds)} | ${round(LARGE / r.seconds / m.import, 2)} | ${round(r.anon_kb / 1024, 1)} | ${round(size / LARGE)} |`)
    if (!(feeds === 2000)) fs.rmSync(name)
  }
  return { home, slowest, most }
}

function reads (home) {
  const text = run('read', home)
  say('\n## Reads, a store of ' + round(LARGE) + ' messages\n\n```\n' + text.trim() + '\n```')
  return {
    get: number(text, /get by id, warm: ([\d.]+)/),
    scan: Math.max(...[...text.matchAll(/feed scan: (\d+)/g)].map(x => Number(x[1])))
  }
}

function publishing () {
  const text = run('publish', fresh('publish'), '20')
  say('\n## Publishing, each commit synced; medians of 20 interleaved turns of half a second\n\n```\n' + text.trim() + '\n```')
  return {
    serial: number(text, /one after the other: \d+ a second, ([\d.]+)/),
    many: number(text, /8 callers: \d+ a second, ([\d.]+)/)
  }
}

function stages (small) {
  const text = run('stages', fresh('stages'), small)
  const under = spawnSync('valgrind', ['--tool=callgrind', `--callgrind-out-file=${file('callgrind')}`, program('stages'), fresh('stages'), small, '4000'], { encoding: 'utf8' })
  const out = under.status ? '' : execFileSync('callgrind_annotate', ['--inclusive=yes', '--threshold=100', file('callgrind')], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const count = name => { const m = new RegExp(`([\\d,]+) \\([^)]*\\)\\s+\\S*stages\\.c:${name} `).exec(out); return m ? Number(m[1].replace(/,/g, '')) / 4000 : NaN }
  const functions = ['stage_read', 'stage_decode', 'stage_verify', 'stage_append', 'stage_fold', 'stage_commit', 'whole_way']
  say('\n## One thread, stage by stage\n\n| stage | time a message | instructions a message |\n|---|---|---|')
  text.trim().split('\n').forEach((line, i) => {
    const n = count(functions[i])
    say(`| ${line.slice(0, 26).trim()} | ${line.slice(26).trim()} | ${isNaN(n) ? 'no valgrind' : round(n)} |`)
  })
}

function amplification (small, large) {
  say('\n## Bytes\n\n```')
  for (const [name, text] of [[small, round(SMALL)], [large, round(LARGE)]]) {
    const out = run('ingest', fresh('ingest'), name)
    say(`${text} messages, ` + /a message: .*/.exec(out)[0].replace('a message: ', 'a message: '))
  }
  say('```')
  fs.rmSync(file('ingest'), { recursive: true, force: true })
}

async function coldStart (home) {
  const args = ['--home', home, '--listen', '127.0.0.1:0']
  const warm = await starts(home, args, 10)
  say(`\n## Cold start, a store of ${round(LARGE)} messages: from exec to the first answer\n`)
  say(`- page cache warm: median ${round(median(warm), 1)} ms, worst ${round(Math.max(...warm), 1)} ms of 10`)
  if (!dropCaches()) {
    say('- caches could not be dropped on this machine')
    return median(warm)
  }
  const cold = await starts(home, args, 10, dropCaches)
  say(`- caches dropped before each: median ${round(median(cold), 1)} ms, worst ${round(Math.max(...cold), 1)} ms of 10`)
  return median(cold)
}

async function compaction (home) {
  const data = path.join(home, 'store', 'data.mdb')
  const before = fs.statSync(data).size
  const t0 = process.hrtime.bigint()
  execFileSync('cp', [data, file('copy')])
  execFileSync('sync', [file('copy')])
  const cp = Number(process.hrtime.bigint() - t0) / 1e9
  fs.rmSync(file('copy'))
  const r = await kith(home, 'compact')
  say(`\n## Compaction\n\n${round(before / 1e6)} MB: cp and sync ${round(cp, 2)} s, kith compact ${round(r.seconds, 2)} s, ${round(r.seconds / cp, 2)} times as long.`)
}

async function main () {
  fs.mkdirSync(dir, { recursive: true })
  const small = network(SMALL, 500, 'mixed')
  const m = await imports(small)
  npm(small)
  const l = await large(m)
  const r = reads(l.home)
  const cold = await coldStart(l.home)
  await compaction(l.home)
  amplification(small, network(LARGE, 2000, 'mixed'))
  const p = publishing()
  stages(small)
  say('\n## Goals\n')
  goal('kith import to raw verification', m.import / m.raw, 0.75)
  goal('kith fsck --full to raw verification', m.fsck / m.raw, 0.75)
  goal(`the slowest import of ${round(LARGE)} to that of ${round(SMALL)}`, l.slowest / m.import, 0.6)
  goal('48 MiB to the most anonymous memory of an import', 48 * 1024 / l.most, 1)
  goal('publish one after the other to bare commits', p.serial, 0.8)
  goal('eight callers to one', p.many, 3)
  goal('50 ms to a cold start', 50 / cold, 1)
  goal('20 us to a get by id', 20 / r.get, 1)
  goal('feed scan, million messages a second', r.scan / 1e6, 1)
  process.exit(missed ? 1 : 0)
}

main().catch(e => { console.error(e); process.exit(1) })
