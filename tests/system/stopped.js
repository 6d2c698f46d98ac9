#!/usr/bin/env node
'use strict'
// A disk that takes nothing more, full, broken or read-only, under a real
// kithd: it says so, serves on, takes nothing in, and goes on by itself.
const { execFileSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { start } = require('../interop/driver')
const { ebt, note } = require('../interop/ebt')
const { next } = require('../interop/classic')
const { main } = require('../interop/harness')
const { build } = require('../interop/kith')
const { identity } = require('../interop/wire')

const ERRNOS = [[28, /no room/], [5, /the disk fails/], [30, /read-only/]]
const FLOOD_MESSAGES = 1200 // of 7 kB: more than may wait
const QUEUE_MESSAGES = 300

main(async t => {
  execFileSync('make', ['-s', '-C', build, 'tests/support/disk_io.la'])
  const dir = t.dir('kith')
  const fault = t.dir('fault')
  fs.mkdirSync(dir, { recursive: true })
  Object.assign(process.env, {
    LD_PRELOAD: path.join(fs.realpathSync(build), 'tests/support/.libs/disk_io.so'),
    KITH_IO_ROOT: path.join(fs.realpathSync(dir), 'home'),
    KITH_IO_FAULT: fault
  })
  const k = await start('kith', { dir, hops: 1 })
  delete process.env.LD_PRELOAD
  const p = await start('modern', { dir: t.dir('modern') })
  const post = async text => (await k.rpc.call('publish', { type: 'post', text })).value.sequence
  const held = async id => (await k.rpc.source('createUserStream', { id })).length
  await k.cmd('follow', { id: p.id })
  const author = identity()
  await k.cmd('follow', { id: author.id })
  await p.cmd('publish', { content: { type: 'post', text: 'before' } })
  await p.cmd('connect', { addr: k.addr })
  await t.done('a peer is heard', () => k.has(p.id, 1))
  let theirs = 1

  for (const [errno, words] of ERRNOS) {
    const own = await post('there is room')
    fs.writeFileSync(fault, String(errno))
    const why = await post('there is none').then(() => '', e => e.message)
    t.ok(`publishing is refused: ${why}`, words.test(why) && /by itself/.test(why))
    const again = await post('still none').then(() => '', e => e.message)
    t.equal('and again', again, why)
    const status = (await k.kith('status')).stdout
    t.ok('kith status says so', /^writes +stopped: /m.test(status) && words.test(status))
    await p.cmd('publish', { content: { type: 'post', text: 'into the full' } })
    const witness = await ebt(k, identity())
    witness.send({ [k.id]: note(0) })
    await t.done('what was published is served on', () => t.until('the feed', () => witness.messages.length === own))
    t.equal('nothing of what a peer wrote is taken in', await held(p.id), theirs)
    fs.rmSync(fault)
    const since = Date.now()
    theirs++
    await t.done('it is when the disk works again, by itself', () => k.has(p.id, theirs))
    t.note(`after ${Date.now() - since} ms`)
    t.equal('publishing goes on where it was', await post('room again'), own + 1)
    t.ok('kith status is silent', !/^writes/m.test((await k.kith('status')).stdout))
    witness.rpc.destroy()
  }
  const log = fs.readFileSync(path.join(dir, 'stderr.log'), 'utf8')
  t.equal('the log says it once each time', log.split('nothing can be written').length - 1, ERRNOS.length)
  t.equal('and when it is over', log.split('takes writes again').length - 1, ERRNOS.length)

  fs.writeFileSync(fault, '28')
  await p.cmd('publish', { content: { type: 'post', text: 'nobody waits for this' } })
  await t.done('a message of a peer waits', () => t.until('it', async () => (await k.cmd('status')).waiting > 0))
  // Now as much that peers are not read any more.
  const feed = []
  while (feed.length < FLOOD_MESSAGES) feed.push(next(author, feed[feed.length - 1], { type: 'post', text: 'x'.repeat(7000) }))
  const flood = await ebt(k, author)
  flood.send({ [author.id]: note(feed.length) })
  await t.until('its note', () => flood.notes[author.id] !== undefined)
  for (const m of feed) flood.send(m)
  let waiting = 0
  await t.done('much more of another, as far as it is read', () => t.until('it', async () => {
    const before = waiting
    waiting = (await k.cmd('status')).waiting
    return waiting > QUEUE_MESSAGES && waiting === before
  }))
  t.ok(`which is ${waiting} messages`, waiting < FLOOD_MESSAGES)
  const local = await k.rpc.call('add', next(author, undefined, { type: 'post', text: 'local' })).then(() => '', e => e.message)
  t.ok(`a local program is told at once: ${local}`, /no room/.test(local))
  t.equal('and may go on', (await k.rpc.call('whoami')).id, k.id)
  t.equal('kithd stops all the same', await k.quit(), 0)
  t.equal('the store verifies', (await k.kith('verify')).code, 0)
  await p.quit()
})
