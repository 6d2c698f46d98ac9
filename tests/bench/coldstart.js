#!/usr/bin/env node
'use strict'
// From exec to the first whoami reply, RUNS times, on a home with the 100k
// data set (SIZE). The page cache is warm: the runs follow each other.
const fs = require('fs')
const net = require('net')
const path = require('path')
const { spawn } = require('child_process')
const { start } = require('../interop/driver')
const { load } = require('../interop/dataset')
const { build, KITHD } = require('../interop/kith')
const { median } = require('./process')

const RUNS = Number(process.env.RUNS || 20)
const SIZE = Number(process.env.SIZE || 100000)
const call = Buffer.from('{"name":["whoami"],"args":[]}')
const header = Buffer.from([2, 0, 0, 0, call.length, 0, 0, 0, 1])

// Dials until somebody answers the call.
const answered = socket => new Promise(resolve => {
  const dial = () => {
    const s = net.connect(socket)
    s.on('connect', () => s.write(Buffer.concat([header, call])))
    s.on('data', () => { s.destroy(); resolve() })
    s.on('error', () => setImmediate(dial))
  }
  dial()
})

// Milliseconds of each start of kithd on home; before() runs before each.
async function starts (home, args, runs, before = () => {}) {
  const times = []
  for (let i = 0; i < runs; i++) {
    before()
    const t0 = process.hrtime.bigint()
    const child = spawn(KITHD, args, { stdio: 'ignore' })
    await answered(path.join(home, 'socket'))
    times.push(Number(process.hrtime.bigint() - t0) / 1e6)
    const gone = new Promise(resolve => child.on('exit', resolve))
    child.kill('SIGTERM')
    await gone
  }
  return times
}

async function main () {
  const dir = path.join(build, 'bench', `kith-${SIZE}`)
  const data = load(SIZE)
  const k = await start('kith', { dir })
  if (!fs.existsSync(path.join(dir, 'loaded'))) {
    await k.cmd('request', { ids: [...data.feeds.keys()] })
    await k.cmd('load', { file: data.file })
    fs.writeFileSync(path.join(dir, 'loaded'), '')
  }
  await k.quit()
  const times = await starts(k.home, k.args, RUNS)
  const ms = median(times)
  console.log(`cold start with ${SIZE} messages, page cache warm: median ${ms.toFixed(1)} ms, ` +
    `worst ${Math.max(...times).toFixed(1)} ms of ${RUNS} runs (goal: under 50 ms)`)
  process.exit(ms < 50 ? 0 : 1)
}

module.exports = { starts }
if (require.main === module) main().catch(e => { console.error(e); process.exit(1) })
