#!/usr/bin/env node
'use strict'
// A wall clock that jumps by 50 years, both ways, under a running kithd and
// over a restart: what it writes keeps its order and never claims the future,
// what others write comes in, and connections stay.
const { execFileSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { start } = require('../interop/driver')
const { ebt, note } = require('../interop/ebt')
const { main } = require('../interop/harness')
const { build } = require('../interop/kith')
const { identity } = require('../interop/wire')

const YEARS = 50 * 365 * 86400
const DAY_MS = 86400000

main(async t => {
  execFileSync('make', ['-s', '-C', build, 'tests/support/fake_clock.la'])
  const shim = path.join(fs.realpathSync(build), 'tests/support/.libs/fake_clock.so')
  const clock = t.dir('clock')
  const set = seconds => fs.writeFileSync(clock, String(seconds))

  const p = await start('modern', { dir: t.dir('modern') })
  const under = async f => { // with the clock before its calls
    process.env.LD_PRELOAD = shim
    process.env.KITH_CLOCK = clock
    try { return await f() } finally { delete process.env.LD_PRELOAD; delete process.env.KITH_CLOCK }
  }
  set(0)
  const k = await under(() => start('kith', { dir: t.dir('kith'), hops: 1 }))
  const post = async text => (await k.rpc.call('publish', { type: 'post', text })).value
  let theirs = 0
  const hear = async what => {
    await p.cmd('publish', { content: { type: 'post', text: what } })
    theirs++
    await t.done(`what a peer writes comes in ${what}`, () => k.has(p.id, theirs))
  }
  let own = 0
  const claimed = []
  const write = async what => { claimed.push((await post(what)).timestamp); own++ }

  await k.cmd('follow', { id: p.id })
  own++
  await p.cmd('connect', { addr: k.addr })
  await write('now')
  await hear('now')
  const pid = k.pid

  set(YEARS)
  const why = await post('from 2076').then(() => '', e => e.message)
  t.ok(`publishing is refused 50 years ahead: ${why}`, /clock/.test(why))
  await hear('50 years ahead')

  set(0)
  await write('now again')
  await hear('now again')

  set(-YEARS)
  await write('from 1976')
  await hear('50 years behind')
  await k.quit()
  await under(() => k.run())
  await write('from 1976, after a restart')
  await p.cmd('connect', { addr: k.addr })
  await hear('after a restart, 50 years behind')

  set(0)
  await write('now at last')
  const witness = await ebt(k, identity())
  witness.send({ [k.id]: note(0) })
  await t.done('a peer gets all of it', () => t.until('all of it', () => witness.messages.filter(m => m.author === k.id).length === own))
  t.ok('it was one process until the restart', pid !== k.pid)
  t.ok('claimed times increase strictly', claimed.every((c, i) => !i || c > claimed[i - 1]))
  t.ok('and none is from another time', claimed.every(c => Math.abs(c - Date.now()) < DAY_MS))
  const log = await k.rpc.source('createLogStream', {})
  const received = log.map(f => f.body.timestamp)
  t.ok('times of receiving increase strictly', received.every((c, i) => !i || c > received[i - 1]))
  t.ok('and none is from another time', received.every(c => Math.abs(c - Date.now()) < DAY_MS))
  t.equal('the store verifies', (await k.kith('verify')).code, 0)
  await p.quit()
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
