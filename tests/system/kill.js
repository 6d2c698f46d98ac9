#!/usr/bin/env node
'use strict'
// kill -9 at random moments while messages flow, KILLS times. Two witnesses
// stand outside the process: who publishes notes each acknowledgement, and a
// peer notes each message that kithd sent out. Whatever either of them saw
// must be there after the next start, under the same number.
const { start } = require('../interop/driver')
const { main } = require('../interop/harness')
const { idOf } = require('../interop/classic')
const { ebt } = require('../interop/ebt')
const { identity } = require('../interop/wire')

const KILLS = Number(process.env.KILLS || 10)
const RATE = process.env.KILLS ? 50 : 1 // messages a second; many of them in a long proof, which has the machine to itself
const IN_FLIGHT = 16

// A small generator of our own, so that a seed repeats the moments.
function random (seed) {
  let x = seed >>> 0 || 1
  return () => { x ^= x << 13; x >>>= 0; x ^= x >>> 17; x ^= x << 5; x >>>= 0; return x / 2 ** 32 }
}

main(async t => {
  const seed = Number(process.env.SEED || 1)
  const rnd = random(seed)
  const k = await start('kith', { dir: t.dir('kith') })
  const self = identity()
  const seen = new Map() // sequence -> id, of both witnesses
  let conflicts = 0
  let published = 0
  let flowing_ms = 0

  const note = (sequence, id) => {
    if (seen.has(sequence) && seen.get(sequence) !== id) conflicts++
    seen.set(sequence, id)
  }

  async function watch () { // as a peer that asks for kithd's own feed
    const peer = await ebt(k, self, m => { if (m.author === k.id) note(m.sequence, idOf(m)) })
    peer.send({ [k.id]: seen.size << 1 })
    return peer.rpc
  }

  async function flow (until) {
    const lane = async () => {
      while (!until.over) {
        const m = await k.rpc.call('publish', { type: 'post', text: `message ${published++}` }).catch(() => null)
        if (!m) return
        note(m.value.sequence, m.key)
        until.acked++
      }
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
  }

  let acked = 0
  for (let i = 0; i < KILLS; i++) {
    const peer = await watch()
    const until = { over: false, acked: 0 }
    const t0 = Date.now()
    const done = flow(until)
    await new Promise(resolve => setTimeout(resolve, 20 + rnd() * 400)) // the moment itself
    await k.kill()
    flowing_ms += Date.now() - t0
    until.over = true
    await done
    peer.destroy()
    acked += until.acked

    await k.run()
    const stored = await k.rpc.source('createUserStream', { id: k.id })
    const byNumber = new Map(stored.map(f => [f.body.value.sequence, f.body.key]))
    for (const [sequence, id] of seen) {
      if (byNumber.get(sequence) === id) continue
      conflicts++
      t.note(`kill ${i}: ${sequence} was ${id} and is ${byNumber.get(sequence)}`)
    }
    for (const [sequence, id] of byNumber) note(sequence, id)
  }
  const rate = Math.round(acked * 1000 / flowing_ms)
  t.note(`seed ${seed}: ${acked} messages acknowledged, ${rate} a second`)
  t.equal(`nothing acknowledged or sent is lost or forked in ${KILLS} kills`, conflicts, 0)
  t.ok(`at least ${RATE} messages a second flowed (${rate})`, rate >= RATE)
  t.equal('the store verifies', (await k.kith('verify')).code, 0)
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
