#!/usr/bin/env node
'use strict'
// Voluntary context switches of all of kithd's threads over SECONDS idle
// seconds, with one npm peer connected.
const fs = require('fs')
const os = require('os')
const path = require('path')
const { start } = require('../interop/driver')
const { voluntarySwitches, cpuSeconds, anonymousKb } = require('./process')

const SECONDS = Number(process.env.SECONDS || 60)

async function main () {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'kith-idle-'))
  const k = await start('kith', { dir: path.join(dir, 'kith') })
  const peer = await start('modern', { dir: path.join(dir, 'modern') })
  await k.cmd('follow', { id: peer.id })
  await peer.cmd('follow', { id: k.id })
  await peer.cmd('connect', { addr: k.addr })
  await Promise.all([peer.has(k.id, 1), k.has(peer.id, 1)])
  k.rpc.destroy()
  await new Promise(resolve => setTimeout(resolve, 5000)) // what follows a meeting is over
  const before = [voluntarySwitches(k.pid), cpuSeconds(k.pid)]
  await new Promise(resolve => setTimeout(resolve, SECONDS * 1000))
  const switches = voluntarySwitches(k.pid) - before[0]
  const cpu = cpuSeconds(k.pid) - before[1]
  console.log(`${switches} voluntary context switches in ${SECONDS} idle seconds with one npm peer: ` +
    `${(switches / SECONDS).toFixed(2)} a second (goal: at most 1); ${cpu.toFixed(2)} s of CPU; ${anonymousKb(k.pid)} kB anonymous`)
  await Promise.all([peer.quit(), k.quit()])
  fs.rmSync(dir, { recursive: true })
  process.exit(switches <= SECONDS ? 0 : 1)
}

main().catch(e => { console.error(e); process.exit(1) })
