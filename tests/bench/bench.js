#!/usr/bin/env node
'use strict'
// Replication side by side: each pair carries a data set to an empty receiver,
// in interleaved rounds on one disk. Prints a table with ratios and writes all
// figures to bench.json in the build folder.
//   ROUNDS=5 SIZES=10000,100000 PAIRS=modern-kith,... in the environment
const fs = require('fs')
const os = require('os')
const path = require('path')
const { start } = require('../interop/driver')
const { load } = require('../interop/dataset')
const { build, must } = require('../interop/kith')
const { meter, median } = require('./process')

const ROUNDS = Number(process.env.ROUNDS || 5)
const SIZES = (process.env.SIZES || '10000,100000').split(',').map(Number)
const PAIRS = (process.env.PAIRS || 'legacy-legacy,modern-modern,modern-kith,kith-modern,kith-kith').split(',')
const root = path.join(build, 'bench')
const POLL_MS = 50

// How many of the messages the peer has committed. For kithd that is its
// status; npm peers are asked for their clock.
async function committed (p, feeds) {
  if (p.kind === 'kith') return (await p.cmd('status')).messages - p.base
  const { clock } = await p.cmd('clock')
  let n = 0
  for (const [id] of feeds) n += clock[id] || 0
  return n
}

// A sender's folder is loaded once for each size and used again.
async function sender (kind, data) {
  const dir = path.join(root, `${kind}-${data.values.length}`)
  const ready = fs.existsSync(path.join(dir, 'loaded'))
  if (!ready) fs.rmSync(dir, { recursive: true, force: true })
  const p = await start(kind, { dir })
  if (!ready) {
    if (kind === 'kith') await p.cmd('request', { ids: [...data.feeds.keys()] })
    await p.cmd('load', { file: data.file })
    fs.writeFileSync(path.join(dir, 'loaded'), '')
  }
  if (kind !== 'kith') await p.cmd('request', { ids: [...data.feeds.keys()] })
  return p
}

async function receiver (kind, data) {
  const dir = path.join(root, 'receiver')
  fs.rmSync(dir, { recursive: true, force: true })
  const p = await start(kind, { dir })
  await p.cmd('request', { ids: [...data.feeds.keys()] })
  if (kind === 'kith') p.base = (await p.cmd('status')).messages
  return p
}

async function carry (from, to, data) {
  const a = await sender(from, data)
  const b = await receiver(to, data)
  const meters = [meter(a.pid), meter(b.pid)]
  const t0 = process.hrtime.bigint()
  await b.cmd('connect', { addr: a.addr })
  while (await committed(b, data.feeds) < data.values.length) await new Promise(resolve => setTimeout(resolve, POLL_MS))
  const wall_s = Number(process.hrtime.bigint() - t0) / 1e9
  const [send, receive] = meters.map(m => m.stop())
  if (to === 'kith') { // committed means: there after a power cut
    await b.kill()
    let n = 0
    for (const line of (await must(b.home, 'feeds', '--json')).split('\n').filter(Boolean)) {
      const f = JSON.parse(line)
      if (data.feeds.has(f.feed)) n += f.seq
    }
    if (n !== data.values.length) throw new Error(`after kill -9: ${n} of ${data.values.length}`)
  } else {
    b.child.kill('SIGKILL')
    await b.child.exited
  }
  await a.quit()
  return { wall_s, send, receive }
}

function table (size, results) {
  const best = Math.min(...['legacy-legacy', 'modern-modern'].map(p => results[p] ? results[p].wall_s : Infinity))
  const npm = results['modern-modern']
  const rows = [['pair', 'wall s', 'min', 'max', 'msg/s', 'sender CPU s', 'receiver CPU s', 'sender MiB', 'receiver MiB',
    'wall to faster npm pair', 'receiver CPU to npm']]
  for (const [pair, r] of Object.entries(results)) {
    rows.push([pair.replace('-', ' to '), r.wall_s.toFixed(2), r.min_s.toFixed(2), r.max_s.toFixed(2), Math.round(size / r.wall_s),
      r.send_cpu_s.toFixed(2), r.receive_cpu_s.toFixed(2), (r.send_kb / 1024).toFixed(0), (r.receive_kb / 1024).toFixed(0),
      (r.wall_s / best).toFixed(3), npm ? (r.receive_cpu_s / npm.receive_cpu_s).toFixed(3) : '-'].map(String))
  }
  const widths = rows[0].map((_, i) => Math.max(...rows.map(r => r[i].length)))
  console.log(`\n${size} messages, medians of ${ROUNDS} rounds`)
  for (const r of rows) console.log('| ' + r.map((c, i) => i ? c.padStart(widths[i]) : c.padEnd(widths[i])).join(' | ') + ' |')
}

async function main () {
  const all = {}
  for (const size of SIZES) {
    const data = load(size)
    const runs = Object.fromEntries(PAIRS.map(p => [p, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const pair of PAIRS) {
        runs[pair].push(await carry(...pair.split('-'), data))
        console.error(`${size} round ${round + 1} ${pair}: ${runs[pair][round].wall_s.toFixed(2)} s`)
      }
    }
    all[size] = {}
    for (const pair of PAIRS) {
      const of = f => median(runs[pair].map(f))
      all[size][pair] = {
        wall_s: of(r => r.wall_s),
        min_s: Math.min(...runs[pair].map(r => r.wall_s)),
        max_s: Math.max(...runs[pair].map(r => r.wall_s)),
        send_cpu_s: of(r => r.send.cpu_s),
        receive_cpu_s: of(r => r.receive.cpu_s),
        send_kb: Math.max(...runs[pair].map(r => r.send.anon_kb)),
        receive_kb: Math.max(...runs[pair].map(r => r.receive.anon_kb)),
        runs: runs[pair]
      }
    }
    table(size, all[size])
  }
  const machine = { cpu: os.cpus()[0].model, cores: os.cpus().length, memory_gib: Math.round(os.totalmem() / 2 ** 30), kernel: os.release(), node: process.version }
  fs.writeFileSync(path.join(build, 'bench.json'), JSON.stringify({ machine, rounds: ROUNDS, poll_ms: POLL_MS, all }, null, 2) + '\n')
}

main().then(() => process.exit(0), e => { console.error(e); process.exit(1) })
