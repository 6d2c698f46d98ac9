#!/usr/bin/env node
'use strict'
// 2 and 5 kithds in a line and in a ring. While all of them post, one in the
// middle is killed and started again; in the end everybody has everything.
const { start } = require('../interop/driver')
const { main } = require('../interop/harness')

const POSTS = 40

async function net (t, name, count, ring) {
  const peers = await Promise.all(Array.from({ length: count }, (_, i) =>
    start('kith', { dir: t.dir(`${name}-${i}`), hops: count })))
  const links = peers.slice(1).map((p, i) => [p, peers[i]])
  if (ring) links.push([peers[0], peers[count - 1]])
  for (const [a, b] of links) {
    await a.cmd('follow', { id: b.id })
    await b.cmd('follow', { id: a.id })
  }
  for (const [a, b] of links) await a.cmd('connect', { addr: b.addr })

  const victim = peers[Math.floor(count / 2)]
  const others = peers.filter(p => p !== victim)
  const flow = Promise.all(others.map(p => p.cmd('seed', { n: POSTS })))
  await victim.cmd('seed', { n: POSTS / 2 })
  await victim.kill()
  await flow
  await victim.run()
  for (const [a, b] of links) if (a === victim) await a.cmd('connect', { addr: b.addr })
  await victim.cmd('seed', { n: POSTS / 2 })

  const last = {}
  for (const p of peers) last[p.id] = (await p.cmd('clock')).clock[p.id]
  t.ok(`${name}: the killed one lost nothing of its own`, last[victim.id] >= POSTS)
  for (const p of peers) {
    await t.done(`${name}: ${p === victim ? 'the killed one' : 'peer ' + peers.indexOf(p)} has all`,
      p.until('all', async () => {
        const { clock } = await p.cmd('clock')
        return peers.every(q => clock[q.id] >= last[q.id])
      }, 60000))
  }
  const stops = await Promise.all(peers.map(p => p.quit()))
  t.ok(`${name}: all stop cleanly`, stops.every(code => code === 0))
}

main(async t => {
  await net(t, '2 in a line', 2, false)
  await net(t, '5 in a line', 5, false)
  await net(t, '5 in a ring', 5, true)
})
