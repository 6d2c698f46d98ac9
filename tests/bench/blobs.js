#!/usr/bin/env node
'use strict'
// Blobs between two peers, side by side: one of 5 MB, and 1,000 of 10 kB, from
// the first want until all are there; then what cuts cost, and a flood against
// quotas. Prints Markdown; exits with 1 if a goal is missed.
//   ROUNDS=5 PAIRS=modern-kith,... PARTS=pairs,cuts,flood in the environment
const crypto = require('crypto')
const { execFileSync } = require('child_process')
const fs = require('fs')
const net = require('net')
const os = require('os')
const path = require('path')
const { start, until, freePort } = require('../interop/driver')
const { median } = require('./process')

const ROUNDS = Number(process.env.ROUNDS || 5)
const PAIRS = (process.env.PAIRS || 'legacy-legacy,modern-modern,kith-kith,kith-modern,modern-kith,kith-legacy,legacy-kith').split(',')
const PARTS = (process.env.PARTS || 'pairs,cuts,flood').split(',')
const LOADS = [['one of 5 MB', 1, 5000000], ['1,000 of 10 kB', 1000, 10000]]
const FLOOD = Number(process.env.FLOOD || 10000)
const root = fs.mkdtempSync(path.join(process.env.TMPDIR || os.tmpdir(), 'kith-blobs-'))
const say = text => process.stdout.write(text + '\n')
let missed = 0

function goal (what, is, most, unit = '') {
  const ok = is <= most
  if (!ok) missed++
  say(`- ${ok ? 'met' : '**missed**'}: ${what}: ${is.toFixed(2)}${unit} (goal: at most ${most.toFixed(2)}${unit})`)
}

const fresh = name => { const dir = path.join(root, name); fs.rmSync(dir, { recursive: true, force: true }); return dir }
const seconds = t0 => Number(process.hrtime.bigint() - t0) / 1e9

// ---- pairs

async function add (p, count, bytes) {
  const ids = []
  const file = path.join(root, 'blob')
  for (let i = 0; i < count; i++) {
    fs.writeFileSync(file, crypto.randomBytes(bytes))
    ids.push((await p.cmd('blobadd', { file })).id)
  }
  return ids
}

// Gives the seconds of each load.
async function carry (from, to) {
  const a = await start(from, { dir: fresh('a') })
  const b = await start(to, { dir: fresh('b') })
  const loads = []
  for (const [, count, bytes] of LOADS) loads.push(await add(a, count, bytes))
  await b.cmd('connect', { addr: a.addr })
  await until('the connection', async () => (await a.cmd('peers')).peers.length && (await b.cmd('peers')).peers.length)
  const times = []
  // What the givers wrote is not to be synced in the takers' time.
  execFileSync('sync')
  for (const ids of loads) {
    const t0 = process.hrtime.bigint()
    await Promise.all(ids.map(id => b.cmd('blobwant', { id })))
    times.push(seconds(t0))
  }
  await Promise.all([a.quit(), b.quit()])
  return times
}

async function pairs () {
  const runs = Object.fromEntries(PAIRS.map(p => [p, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const pair of PAIRS) {
      runs[pair].push(await carry(...pair.split('-')))
      console.error(`round ${round + 1} ${pair}: ${runs[pair][round].map(s => s.toFixed(3)).join(' s, ')} s`)
    }
  }
  const medians = Object.fromEntries(PAIRS.map(p => [p, LOADS.map((_, i) => median(runs[p].map(r => r[i])))]))
  const npm = PAIRS.filter(p => !p.includes('kith'))
  const best = LOADS.map((_, i) => Math.min(...npm.map(p => medians[p][i])))
  say(`## From the first want until all are there, medians of ${ROUNDS} interleaved rounds\n`)
  say(`| from, to | ${LOADS.map(([name]) => `${name}, s | to the faster npm pair`).join(' | ')} |`)
  say(`|---|${'---|'.repeat(2 * LOADS.length)}`)
  for (const p of PAIRS) say(`| ${p.replace('-', ' to ')} | ${medians[p].map((s, i) => `${s.toFixed(3)} | ${(s / best[i]).toFixed(3)}`).join(' | ')} |`)
  say('')
  for (const p of PAIRS.filter(p => p.includes('kith'))) {
    for (const [i, [name]] of LOADS.entries()) goal(`${p.replace('-', ' to ')}, ${name}, to the faster npm pair`, medians[p][i] / best[i], 1)
  }
}

// ---- cuts

// Passes bytes on between a dialler and port, and hangs up on both when so many
// came from there. moved: all that came from there.
async function cutter (port) {
  const c = { moved: 0, cuts: 0, left: Infinity, port: await freePort() }
  const server = net.createServer(client => {
    const remote = net.connect(port, '127.0.0.1')
    const end = () => { client.destroy(); remote.destroy() }
    for (const s of [client, remote]) s.on('error', end).on('close', end)
    client.on('data', data => remote.write(data))
    remote.on('data', data => {
      c.moved += data.length
      c.left -= data.length
      if (c.left > 0) return client.write(data) || (remote.pause(), client.once('drain', () => remote.resume()))
      c.cuts++
      c.left = Infinity
      remote.removeListener('close', end).destroy()
      client.end(data)
    })
  })
  await new Promise(resolve => server.listen(c.port, '127.0.0.1', resolve))
  c.close = () => server.close()
  return c
}

async function cuts () {
  const CUTS = 20
  const SIZE = 5000000
  const a = await start('kith', { dir: fresh('a') })
  const b = await start('kith', { dir: fresh('b') })
  const [id] = await add(a, 1, SIZE)
  const c = await cutter(a.port)
  let here = false
  const wanted = b.cmd('blobwant', { id }).then(() => { here = true })
  const addr = a.addr.replace(`:${a.port}~`, `:${c.port}~`)
  for (let i = 0; i <= CUTS && !here; i++) {
    c.left = i < CUTS ? SIZE / (CUTS + 6) : Infinity // what is under way comes on top
    await b.cmd('connect', { addr }).catch(() => {})
    if (i < CUTS) await until('a cut', () => c.cuts > i || here)
    await until('the end of the connection', async () => here || i === CUTS || !(await b.cmd('peers')).peers.length)
  }
  await wanted
  const whole = fs.readFileSync(path.join(b.home, 'blobs/sha256', hex(id))).length
  say(`\n## One of 5 MB, cut ${c.cuts} times, between two kithd\n`)
  say(`${whole} bytes came whole; ${c.moved} bytes moved, handshakes and all.\n`)
  goal('cuts that did not happen', CUTS - c.cuts, 0)
  goal('bytes moved, to its size', c.moved / SIZE, 1.2)
  c.close()
  await Promise.all([a.quit(), b.quit()])
}

const hex = id => { const h = Buffer.from(id.slice(1), 'base64').toString('hex'); return h.slice(0, 2) + '/' + h.slice(2) }

// ---- a flood

function bytesBelow (dir, blocks) {
  let n = 0
  for (const e of fs.existsSync(dir) ? fs.readdirSync(dir, { withFileTypes: true }) : []) {
    const name = path.join(dir, e.name)
    if (e.isDirectory()) { n += bytesBelow(name, blocks); continue }
    try { const s = fs.statSync(name); n += blocks ? s.blocks * 512 : s.size } catch {} // it went meanwhile
  }
  return n
}

const configure = (p, blobs) => fs.writeFileSync(path.join(p.home, 'config'), JSON.stringify({ blobs }))

async function flood () {
  const SIZE = 10000
  const LIMIT = 12e6
  const QUOTA = 10e6
  const EACH = 10
  const a = await start('kith', { dir: fresh('a') })
  const b = await start('kith', { dir: fresh('b') })
  await b.quit()
  configure(b, { limit: LIMIT, quota1: QUOTA })
  await b.run()
  await b.cmd('follow', { id: a.id })
  await a.cmd('follow', { id: b.id })
  for (let i = 0; i < FLOOD; i += EACH) {
    const ids = await add(a, EACH, SIZE)
    await a.cmd('publish', { content: { type: 'post', text: 'pictures', mentions: ids.map(link => ({ link })) } })
  }
  await b.cmd('connect', { addr: a.addr })
  const folder = path.join(b.home, 'blobs/sha256')
  let most = 0
  let fetched = 0
  const t0 = process.hrtime.bigint()
  await until('the flood to be over', async () => {
    most = Math.max(most, bytesBelow(folder))
    fetched = (await b.cmd('status')).blobs.fetched
    return fetched >= FLOOD
  }, 600000)
  const took = seconds(t0)
  const status = (await b.cmd('status')).blobs
  most = Math.max(most, bytesBelow(folder))
  say(`\n## A flood of ${FLOOD.toLocaleString('en')} blobs of 10 kB, with a quota of ${QUOTA / 1e6} MB for its author\n`)
  say(`${fetched} fetched in ${took.toFixed(1)} s, ${status.removed} removed, ${status.here} here; at most ${most} bytes in the folder at any look.\n`)
  goal('bytes over the quota, in blobs', (most - QUOTA) / SIZE, 1)
  const before = bytesBelow(folder, true)
  await b.quit()
  configure(b, { limit: 100000 })
  await b.run()
  await until('room', async () => (await b.cmd('status')).blobs.bytes <= 100000)
  const after = bytesBelow(folder, true)
  say(`Under a limit of 0.1 MB, ${before} bytes of disk became ${after}.\n`)
  goal('disk not given back, of what had to go', 1 - (before - after) / (before - 100000), 0.05)
  await Promise.all([a.quit(), b.quit()])
}

async function main () {
  const parts = { pairs, cuts, flood }
  for (const name of PARTS) await parts[name]()
  fs.rmSync(root, { recursive: true, force: true })
  process.exit(missed ? 1 : 0)
}

main().catch(e => { console.error(e); process.exit(1) })
