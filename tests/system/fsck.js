#!/usr/bin/env node
'use strict'
// A store that is damaged on the disk, FSCKS times by chance: kith fsck names
// the message, mends the store, and the next meeting with a peer that has a
// whole copy brings all of it back.
const { spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { start } = require('../interop/driver')
const { main } = require('../interop/harness')
const { build } = require('../interop/kith')

const FSCKS = Number(process.env.FSCKS || 3)
const SEED = Number(process.env.SEED || 1)
const HARM = path.join(build, 'tests/fsck/harm')

if (!fs.existsSync(HARM)) {
  console.log('tests/fsck/harm needs cmocka to be built')
  process.exit(77)
}

const ORDER = ['salvage', 'quarantine', 'refetch', 'rebuild']

const dataOf = home => {
  const current = path.join(home, 'store/current')
  const number = fs.existsSync(current) ? fs.readFileSync(current, 'utf8').trim() : ''
  return path.join(home, 'store', number, 'data.mdb')
}
const lines = text => text.split('\n').filter(Boolean).map(JSON.parse)

main(async t => {
  const a = await start('kith', { dir: t.dir('a') })
  const b = await start('kith', { dir: t.dir('b') })
  await Promise.all([a.cmd('seed', { n: 200 }), b.cmd('seed', { n: 200 })])
  await a.cmd('follow', { id: b.id })
  await b.cmd('follow', { id: a.id })
  await b.cmd('connect', { addr: a.addr })
  const count = async () => (await b.cmd('count')).messages
  await t.done('both have all', t.until('all messages', async () => await count() === 402))
  const publishing = async () => JSON.parse((await b.kith('status', '--json')).stdout).state

  let named = 0
  let healed = 0
  const harms = {}
  for (let i = 0; i < FSCKS; i++) {
    await b.quit()
    const harm = spawnSync(HARM, [dataOf(b.home), String(SEED * 1000 + i)], { encoding: 'utf8' })
    const [, kind, table, feed, sequence] = /^(.*) (\w+) (\S+) (\d+)\n$/.exec(harm.stdout)
    harms[kind] = (harms[kind] || 0) + 1

    const check = await b.kith('fsck', '--full', '--json')
    const found = lines(check.stdout)
    const findings = found.slice(0, -1)
    const names = f => feed !== '-'
      ? f.feed === feed && (sequence === '0' || (f.seq <= Number(sequence) && Number(sequence) <= f.last))
      : f.table === table
    const local = /^(local|clocks|addresses|proofs|views)$/.test(table)
    if (check.code === 1 && findings.some(f => names(f) || (local && f.table === table))) named++
    else t.note(`${i}: ${harm.stdout.trim()}: ${check.code}\n${check.stdout}${check.stderr}`)

    const repair = ORDER.find(r => findings.some(f => f.repair === r))
    const mend = repair ? await b.kith('fsck', '--write', '--' + repair) : { code: 0 }
    if (mend.code !== 0) t.note(`${i}: ${mend.stdout}${mend.stderr}`)
    await b.run()
    await b.cmd('connect', { addr: a.addr })
    const whole = await t.until(`all messages after ${harm.stdout}`, async () =>
      await count() === 402 && await publishing() === 'ok').catch(e => { t.note(e.message); return false })
    const after = await b.kith('fsck', '--full')
    if (mend.code === 0 && whole && after.code === 0) healed++
    else t.note(`${i}: ${harm.stdout.trim()}, ${repair}: ${await count()} messages, publishing ${await publishing()}\n${after.stdout}`)
  }
  t.note(JSON.stringify(harms))
  t.equal(`each of ${FSCKS} damages is found and named`, named, FSCKS)
  t.equal('each is healed by the repair and the next meeting', healed, FSCKS)

  // Beside a kithd that writes without a pause: each check is of one moment.
  let over = false
  const writing = (async () => { for (let i = 0; !over; i++) await b.rpc.call('publish', { type: 'post', text: `meanwhile ${i}` }) })()
  let clean = 0
  for (let i = 0; i < 10; i++) {
    const check = await b.kith('fsck', '--full')
    if (check.code === 0) clean++
    else t.note(check.stdout + check.stderr)
  }
  over = true
  await writing
  t.equal('kith fsck beside kithd at work finds nothing that is not there', clean, 10)
  const refused = await b.kith('fsck', '--write', '--rebuild')
  t.ok('a repair is refused beside kithd', refused.code === 1 && /stop/.test(refused.stderr))
  await t.done('both stop cleanly', async () => await a.quit() === 0 && await b.quit() === 0)
})
