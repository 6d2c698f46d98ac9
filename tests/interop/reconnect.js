'use strict'
// ssb-db2 takes messages in batches, and drops a batch without a word if one
// message in it comes twice, as after a quick reconnection: it asks again for
// what waits to be stored. kithd has to find out, and send what was lost.
const fs = require('fs')
const { start } = require('./driver')
const { main } = require('./harness')
const { ebt } = require('./ebt')
const { identity } = require('./wire')

const TRIES = 5

async function publish (k, n) {
  for (let i = 0; i < n; i++) await k.cmd('publish', { content: { type: 'post', text: `${i}` } })
}

// How often message n of author came to the npm peer that writes this trace.
const came = (trace, author, n) => fs.readFileSync(trace, 'utf8').split('\n')
  .filter(line => line.includes('"dir":"in"') && line.includes(`"author":"${author}"`) && line.includes(`"sequence":${n},`)).length

const stored = async (npm, k) => (await npm.cmd('clock')).clock[k.id] || 0

// kithd holds n messages, the npm peer fewer. Connects, again as soon as they
// came, and is true if they came again before they were stored.
async function twice (t, npm, k, n, trace) {
  const had = came(trace, k.id, n)
  for (let i = 1; i <= 2; i++) {
    await npm.cmd('connect', { addr: k.addr })
    await t.until(`messages, ${i}`, async () => came(trace, k.id, n) >= had + i || await stored(npm, k) >= n)
    if (i === 1) await npm.cmd('disconnect', { id: k.id })
  }
  return await stored(npm, k) < n
}

async function caughtUp (t, what, known) {
  const trace = t.dir(`${what}.jsonl`)
  const npm = await start('modern', { dir: t.dir(`${what}-npm`), trace })
  const k = await start('kith', { dir: t.dir(`${what}-kith`) })
  let n = known + 5
  await npm.cmd('request', { ids: [k.id] })
  if (known) {
    await publish(k, known)
    await npm.cmd('connect', { addr: k.addr })
    await npm.has(k.id, known)
    await npm.cmd('disconnect', { id: k.id })
  }
  await publish(k, 5)
  let hit = await twice(t, npm, k, n, trace)
  for (let i = 1; !hit && i < TRIES; i++) { // it was too slow
    await npm.has(k.id, n)
    await npm.cmd('disconnect', { id: k.id })
    await publish(k, 5)
    hit = await twice(t, npm, k, n += 5, trace)
  }
  t.ok(`${what}: messages came twice before they were stored`, hit)
  await t.done(`${what}: all arrives`, npm.has(k.id, n, 30000))
  await publish(k, 5)
  await t.done(`${what}: and what follows`, npm.has(k.id, n + 5))
  await npm.quit()
  await t.done(`${what}: kithd stops cleanly`, async () => await k.quit() === 0)
}

// Both sides dialled: the npm peer ends its session for the newer connection,
// and kithd closes that one.
async function displaced (t) {
  const k = await start('kith', { dir: t.dir('displaced') })
  const calls = []
  const s = await ebt(k, identity(), () => {}, f => calls.push(f.body))
  await t.until('kithd to speak', () => s.notes[k.id] !== undefined)
  s.fail('reconnected to peer')
  await t.done('displaced: kithd opens another session where one was ended for a connection that is gone',
    t.until('a call', () => calls.some(c => c && c.name && c.name.join('.') === 'ebt.replicate')))
  s.rpc.destroy()
  await t.done('displaced: kithd stops cleanly', async () => await k.quit() === 0)
}

main(async t => {
  await displaced(t)
  await caughtUp(t, 'known', 3)
  await caughtUp(t, 'new', 0)
})
