#!/usr/bin/env node
'use strict'
// kith adopt on the stores of both npm generations, beside what the machine
// needs to check as many signatures.  Prints the report as Markdown; exits
// with 1 if a message or blob does not arrive as it was, or a goal is missed.
//   MESSAGES=100000 BLOBS=200 ROUNDS=3 in the environment
const fs = require('fs')
const path = require('path')
const crypto = require('crypto')
const { execFileSync, spawnSync } = require('child_process')
const { start } = require('../interop/driver')
const { build, KITH } = require('../interop/kith')
const { load } = require('../interop/dataset')
const { median } = require('./process')

const MESSAGES = Number(process.env.MESSAGES || 100000)
const BLOBS = Number(process.env.BLOBS || 200)
const ROUNDS = Number(process.env.ROUNDS || 3)
const LEAST = 0.8
const dir = path.join(build, 'bench', 'adopt')
const file = name => path.join(dir, name)
const say = text => process.stdout.write(text + '\n')
const round = (n, digits = 0) => n.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
const fresh = name => { fs.rmSync(file(name), { recursive: true, force: true }); return file(name) }
const lines = text => text.split('\n').filter(Boolean)
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i])
let missed = 0

const kith = (home, ...args) => execFileSync(KITH, ['--home', home, ...args], { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] })
function timed (home, ...args) {
  const t0 = process.hrtime.bigint()
  const out = kith(home, ...args)
  return { out, seconds: Number(process.hrtime.bigint() - t0) / 1e9 }
}

// A store of one generation, filled by the program itself: the messages, posts
// and private ones of its own, blobs of all sizes; of ssb-db2 a feed is deleted
// and the log compacted, and one message is deleted after that.
async function fill (kind, data) {
  const peer = await start(kind, { dir: fresh(kind) })
  await peer.cmd('load', { file: data.file })
  for (let i = 0; i < 10; i++) await peer.cmd('publish', { content: { type: 'post', text: `post ${i}` } })
  for (let i = 0; i < 10; i++) await peer.cmd('private', { content: { type: 'post', text: `private ${i}` }, recps: [peer.id] })
  const blobs = []
  for (let i = 0; i < BLOBS; i++) {
    const bytes = crypto.createHash('shake256', { outputLength: 1 + (i * 7919) % 200000 }).update(`${kind} ${i}`).digest()
    blobs.push({ id: (await peer.cmd('blobadd', { base64: bytes.toString('base64') })).id, bytes })
  }
  let want = data.values
  if (kind === 'modern') {
    const [gone, cut] = [...data.feeds.keys()].sort()
    const last = (await peer.cmd('feed', { id: cut, seq: data.feeds.get(cut), limit: 1 })).msgs[0]
    await peer.cmd('call', { method: ['db', 'deleteFeed'], args: [gone] })
    await peer.cmd('call', { method: ['db', 'compact'], args: [] })
    await peer.cmd('call', { method: ['db', 'del'], args: [last.key] })
    want = want.filter(v => v.author !== gone && !(v.author === cut && v.sequence === data.feeds.get(cut)))
    await peer.until('the deletion to be written', () => JSON.parse(lines(spawnSync(KITH, ['--home', file('none'), '--json', 'adopt', '--dry-run', file(kind)], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout).find(l => l.includes('"part":"log"'))).deleted === 1)
  }
  await peer.quit()
  return { kind, id: peer.id, blobs, want: want.map(v => JSON.stringify(v)).sort() }
}

const blobFile = (home, id) => {
  const hex = Buffer.from(id.slice(1, -7), 'base64').toString('hex')
  return path.join(home, 'blobs/sha256', hex.slice(0, 2), hex.slice(2))
}

function check (what, ok) {
  if (!ok) missed++
  say(`- ${ok ? 'met' : '**missed**'}: ${what}`)
}

function compare (store, home) {
  const all = lines(kith(home, 'export'))
  const got = all.filter(v => !v.includes(store.id)).sort()
  check(`${store.kind}: ${round(store.want.length)} messages of others, each as it was signed`, same(got, store.want))
  check(`${store.kind}: its own 20 are here`, all.length - got.length === 20)
  check(`${store.kind}: ${store.blobs.length} blobs, each byte`, store.blobs.every(b => fs.readFileSync(blobFile(home, b.id)).equals(b.bytes)))
  const again = kith(home, '--json', 'adopt', file(store.kind))
  check(`${store.kind}: again nothing is new`, /"accepted":0,/.test(again) && /"part":"blobs","taken":0/.test(again))
  fs.writeFileSync(file('messages.ndjson'), all.join('\n') + '\n')
  return all.length
}

function measure (store) {
  const rates = { raw: [], ours: [], adopt: [], all: [], verify: [] }
  let count = 0
  for (let i = 0; i < ROUNDS; i++) {
    const home = fresh('home')
    const whole = timed(home, 'adopt', file(store.kind))
    if (!i) count = compare(store, home)
    rates.all.push(count / whole.seconds)
    rates.verify.push(count / timed(home, 'verify', '--quiet').seconds)
    const other = fresh('other')
    kith(other, 'init')
    rates.adopt.push(count / timed(other, 'adopt', '--log-only', file(store.kind)).seconds)
    const text = execFileSync(path.join(build, 'tests/bench/raw'), [file('messages.ndjson')], { encoding: 'utf8' })
    rates.raw.push(Number(/raw verify: (\d+)/.exec(text)[1]))
    rates.ours.push(Number(/our verifiers: (\d+)/.exec(text)[1]))
  }
  return { store, count, ...Object.fromEntries(Object.entries(rates).map(([k, v]) => [k, median(v)])) }
}

function report (m) {
  const row = (what, rate) => say(`| ${what} | ${round(rate)} | ${round(rate / m.raw, 2)} |`)
  say(`\n## ${m.store.kind === 'legacy' ? 'ssb-server 16: flume/log.offset' : 'ssb-db2 8: db2/log.bipf'}, medians of ${ROUNDS} interleaved rounds\n`)
  say('| what | messages a second | of raw verification |\n|---|---|---|')
  row('libsodium alone, every core', m.raw)
  row('our verifiers alone, every core', m.ours)
  row('kith verify, of what was adopted', m.verify)
  row('kith adopt --log-only, all indexes, process and all', m.adopt)
  row(`kith adopt, with ${BLOBS} blobs of ${round(m.store.blobs.reduce((n, b) => n + b.bytes.length, 0) / 1e6, 1)} MB, all synced`, m.all)
}

async function main () {
  fs.mkdirSync(dir, { recursive: true })
  const data = load(MESSAGES)
  const stores = []
  for (const kind of ['legacy', 'modern']) stores.push(await fill(kind, data))
  say('## What arrives\n')
  const measured = stores.map(measure)
  measured.forEach(report)
  say('\n## Goals\n')
  for (const m of measured) {
    for (const [what, rate] of [['messages alone', m.adopt], ['every message and blob', m.all]]) {
      check(`${m.store.kind}, kith adopt of ${what}, to raw verification: ${round(rate / m.raw, 2)} (goal: at least ${LEAST})`, rate / m.raw >= LEAST)
    }
  }
  fs.rmSync(dir, { recursive: true, force: true })
  process.exit(missed ? 1 : 0)
}
main().catch(e => { say(`\n**failed**: ${e.message}`); process.exit(1) })
