#!/usr/bin/env node
'use strict'
// Questions to the views, side by side with ssb-db2 on one data set, and ours at
// a tenth and the whole of a large made-up network; how long all views take to
// be made anew, and what they cost while messages come in. Prints Markdown;
// exits with 1 if a goal is missed.
//   DATA=100000 SMALL=100000 LARGE=1000000 ROUNDS=5 in the environment
const fs = require('fs')
const path = require('path')
const readline = require('readline')
const { execFileSync, spawnSync } = require('child_process')
const { build, KITH } = require('../interop/kith')
const { dataset } = require('../interop/dataset')
const { median } = require('./process')

const DATA = Number(process.env.DATA || 100000)
const SMALL = Number(process.env.SMALL || 100000)
const LARGE = Number(process.env.LARGE || 1000000)
const ROUNDS = Number(process.env.ROUNDS || 5)
const FEEDS = 2000
const PAGE = 50
const dir = path.join(build, 'bench', 'queries')
const file = name => path.join(dir, name)
const program = name => path.join(build, 'tests/bench', name)
const say = text => process.stdout.write(text + '\n')
const round = (n, digits = 0) => n.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
let missed = 0

function goal (what, is, least) {
  const ok = is >= least
  if (!ok) missed++
  say(`- ${ok ? 'met' : '**missed**'}: ${what}: ${round(is, 2)} (goal: at least ${round(least, 2)})`)
}

const kith = (home, ...args) => execFileSync(KITH, ['--home', home, ...args], { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] })
const seconds = f => { const t0 = process.hrtime.bigint(); f(); return Number(process.hrtime.bigint() - t0) / 1e9 }

// --- what is asked

// Of sizes that any set has; the thread is that of the issue.
const SIZES = { author: 1000, root: 293, vote: 100, mentions: 200, channel: 100 }

// Counts what a set has, and picks what comes nearest to these sizes:
// { author, root, vote, mentions, channel, word }
async function pick (name) {
  const counts = { author: {}, root: {}, vote: {}, mentions: {}, channel: {} }
  const words = {}
  const add = (where, what) => { if (typeof what === 'string') where[what] = (where[what] || 0) + 1 }
  for await (const line of readline.createInterface({ input: fs.createReadStream(name) })) {
    if (!line) continue
    const m = JSON.parse(line)
    const { author, content: c } = m.value || m
    add(counts.author, author)
    if (typeof c !== 'object') continue
    add(counts.root, c.root)
    add(counts.channel, c.channel)
    if (c.type === 'vote') add(counts.vote, c.vote.link)
    for (const link of new Set((c.mentions || []).map(x => x.link))) if (/^@/.test(link)) add(counts.mentions, link)
    if (c.type === 'post') for (const word of c.text.split(/\W+/)) if (word.length > 3) add(words, word.toLowerCase())
  }
  const nearest = (of, size) => Object.entries(of).sort((a, b) => Math.abs(a[1] - size) - Math.abs(b[1] - size))[0][0]
  const picked = {}
  for (const what in SIZES) picked[what] = nearest(counts[what], SIZES[what])
  picked.word = nearest(words, 1000)
  return picked
}

// name; ours: as kith query takes it, or a kind of answer.c; db2: as
// queries-db2.js takes it, or nothing that it has.
const questions = p => [
  ['the newest 50 posts', { type: 'post', page: { limit: PAGE } }, { type: 'post', newest: true }],
  ["one author's newest 50", { author: p.author, page: { limit: PAGE } }, { author: p.author, newest: true }],
  ['a whole feed', { author: p.author }, { author: p.author }],
  ['a thread', { root: p.root }, { root: p.root }],
  ['a thread in order', ['thread', p.root]],
  ['the votes on a message', { vote: p.vote }, { vote: p.vote }],
  ['their sum', ['votes', p.vote]],
  ['the newest 50 that mention somebody', { mentions: p.mentions, page: { limit: PAGE } }, { mentions: p.mentions, newest: true }],
  ['the newest 50 of a channel', { channel: p.channel, page: { limit: PAGE } }, { channel: p.channel, newest: true }],
  ['the newest 50 with a word', ['search', p.word], { word: p.word, newest: true }]
]

// Each time in a process of its own: { rows, open_ms, first_ms, warm_ms }; first:
// the answer to the first question, once the store is open.
function answer (home, ours) {
  const [kind, argument] = Array.isArray(ours) ? ours : ['query', JSON.stringify(ours)]
  const runs = Array.from({ length: ROUNDS }, () => JSON.parse(execFileSync(program('answer'), [home, kind, argument], { encoding: 'utf8' })))
  const of = f => median(runs.map(f))
  return { rows: runs[0].rows, open_ms: of(r => r.open_ms), first_ms: of(r => r.first_ms - r.open_ms), warm_ms: of(r => r.warm_ms) }
}

function db2 (...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(__dirname, 'queries-db2.js'), ...args], { encoding: 'utf8' })
  if (status) throw new Error('ssb-db2: ' + stderr.trim().split('\n').pop())
  return JSON.parse(stdout.trim().split('\n').pop())
}

// --- what it is asked of

// A made-up network, made once.
function network (messages) {
  const name = file(`talk-${messages}.ndjson`)
  if (fs.existsSync(name)) return name
  const out = fs.openSync(name + '.part', 'w')
  const { status } = spawnSync(program('generate'), [messages, FEEDS, 'talk', 1].map(String), { stdio: ['ignore', out, 'inherit'] })
  if (status) throw new Error('generate failed')
  fs.renameSync(name + '.part', name)
  return name
}

// A home with all of a set, its views and its index of words:
// { home, views_s, search_s } to make them anew
function made (name, from, word) {
  const home = file(name)
  fs.rmSync(home, { recursive: true, force: true })
  kith(home, 'init')
  kith(home, 'import', from)
  // contacts are folded as messages come, and not made anew by themselves
  const views = kith(home, 'views', '--json').split('\n').filter(Boolean).map(line => JSON.parse(line).view).filter(view => view !== 'contacts')
  const views_s = seconds(() => views.forEach(view => kith(home, 'views', '--rebuild', view)))
  const search_s = Number(/messages, ([\d.]+) s/.exec(execFileSync(program('search'), [home, word], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))[1])
  return { home, views_s, search_s }
}

// Messages a second, and anonymous memory: { rate, anon_kb }
function ingest (from, ...mode) {
  const home = file('ingest')
  fs.rmSync(home, { recursive: true, force: true })
  kith(home, 'init')
  const text = execFileSync(program('ingest'), [home, from, ...mode], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  fs.rmSync(home, { recursive: true })
  return { rate: Number(/, (\d+) messages a second/.exec(text)[1]), anon_kb: Number(/anonymous memory[^,]*?(\d+) KiB/.exec(text)[1]) }
}

// --- the report

function beside (asked, home, theirs) {
  say('| question | answers | ssb-db2, warm, ms | ours, first after a restart, ms | ours, warm, ms | warm, times as fast |\n|---|---|---|---|---|---|')
  let next = 0
  return asked.map(([name, ours, asDb2]) => {
    const a = answer(home, ours)
    const t = asDb2 ? theirs.answers[next++] : null
    const rows = t && t.rows !== a.rows ? `${a.rows}, theirs ${t.rows}` : a.rows
    say(`| ${name} | ${rows} | ${t ? round(t.warm_ms, 3) : '-'} | ${round(a.first_ms, 3)} | ${round(a.warm_ms, 3)} | ${t ? round(t.warm_ms / a.warm_ms, 1) : '-'} |`)
    return { name, a, t }
  })
}

async function sideBySide () {
  const from = dataset(DATA)
  const p = await pick(from)
  const asked = questions(p)
  const store = made('data', from, p.word)
  fs.writeFileSync(file('questions.json'), JSON.stringify(asked.map(q => q[2]).filter(Boolean)))
  const loaded = db2('load', from, file('db2'))
  const theirs = db2('ask', file('db2'), file('questions.json'))
  say(`## ${round(DATA)} messages, beside ssb-db2\n\nOurs: medians of ${ROUNDS} processes.\n`)
  const answers = beside(asked, store.home, theirs)
  say(`\nTo open the store takes ${round(median(answers.map(({ a }) => a.open_ms)), 3)} ms more after a restart.`)
  const ours = { all: ingest(from), none: ingest(from, 'none') }
  say('\n| | ssb-db2 | ours |\n|---|---|---|')
  say(`| all that answers these made anew, s | ${round(theirs.rebuild_s, 2)} | ${round(store.views_s + store.search_s, 2)} (views ${round(store.views_s, 2)}, words ${round(store.search_s, 2)}) |`)
  say(`| messages a second come in, with views | ${round(DATA / loaded.load_s)} | ${round(ours.all.rate)} |`)
  say(`| without | - | ${round(ours.none.rate)} |`)
  return { answers, theirs, store }
}

async function atSize (messages) {
  const from = network(messages)
  const p = await pick(from)
  const store = made('talk', from, p.word)
  const answers = questions(p).map(([name, ours]) => ({ name, ...answer(store.home, ours) }))
  fs.rmSync(store.home, { recursive: true })
  return { answers, from, remade_s: store.views_s + store.search_s }
}

async function sizes () {
  const small = await atSize(SMALL)
  const large = await atSize(LARGE)
  say(`\n## Ours at ${round(SMALL)} and ${round(LARGE)} messages of ${round(FEEDS)} feeds, made up\n`)
  say('| question | answers | first, ms | warm, ms | answers | first, ms | warm, ms | times as slow |\n|---|---|---|---|---|---|---|---|')
  const answers = small.answers.map((s, i) => {
    const l = large.answers[i]
    say(`| ${s.name} | ${s.rows} | ${round(s.first_ms, 3)} | ${round(s.warm_ms, 3)} | ${l.rows} | ${round(l.first_ms, 3)} | ${round(l.warm_ms, 3)} | ${round(l.warm_ms / s.warm_ms, 2)} |`)
    return { name: s.name, s, l }
  })
  const all = ingest(large.from)
  const none = ingest(large.from, 'none')
  say(`\n- all made anew: ${round(small.remade_s, 1)} s and ${round(large.remade_s, 1)} s`)
  say(`- ${round(LARGE)} messages come in: ${round(none.rate)} a second without views, ${round(all.rate)} with all of them, in ${round(all.anon_kb / 1024, 1)} MiB of anonymous memory`)
  return { answers, all, none }
}

async function main () {
  fs.mkdirSync(dir, { recursive: true })
  const b = await sideBySide()
  const s = await sizes()
  say('\n## Goals\n')
  for (const { name, a, t } of b.answers) {
    if (!t) continue
    goal(`${name}: ssb-db2 warm to ours after a restart`, t.warm_ms / a.first_ms, 1)
    goal(`${name}: ssb-db2 warm to ours warm`, t.warm_ms / a.warm_ms, 5)
  }
  // Twice as slow for as many answers.
  for (const { name, s: small, l: large } of s.answers) {
    goal(`${name}: an answer at ${round(SMALL)} to one at ${round(LARGE)}`, (small.warm_ms / small.rows) / (large.warm_ms / large.rows), 0.5)
  }
  goal('ingest with all views to ingest with none', s.all.rate / s.none.rate, 0.6)
  goal('64 MiB to its anonymous memory', 64 * 1024 / s.all.anon_kb, 1)
  process.exit(missed ? 1 : 0)
}

main().catch(e => { console.error(e); process.exit(1) })
