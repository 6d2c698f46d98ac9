'use strict'
// Feeds of friends' friends come through a peer in the middle, and no further:
// edge - middle - far (hop 2) - farther (hop 3).
const { start } = require('./driver')
const { main } = require('./harness')
const { next } = require('./classic')
const { ebt, note } = require('./ebt')
const { identity } = require('./wire')

const CHAINS = [['kith', 'modern', 'legacy'], ['kith', 'legacy', 'modern'], ['modern', 'kith', 'legacy'],
  ['legacy', 'kith', 'modern'], ['kith', 'kith', 'kith']]

async function chain (t, kinds) {
  const name = kinds.join(' - ')
  const [edge, middle, far] = await Promise.all(kinds.map((kind, i) => start(kind, { dir: t.dir(kinds.join('-') + i), hops: 2 })))
  const stranger = `@${Buffer.alloc(32, 7).toString('base64')}.ed25519`
  await edge.cmd('follow', { id: middle.id })
  await middle.cmd('follow', { id: far.id })
  await middle.cmd('follow', { id: edge.id })
  await far.cmd('follow', { id: middle.id })
  await far.cmd('follow', { id: stranger })
  await far.cmd('seed', { n: 5 })
  await far.cmd('connect', { addr: middle.addr })
  await t.done(`${name}: the middle has the far feed`, middle.has(far.id, 7))
  await edge.cmd('connect', { addr: middle.addr })
  await t.done(`${name}: the edge has the far feed`, edge.has(far.id, 7))
  await far.cmd('publish', { content: { type: 'post', text: 'live through the middle' } })
  await t.done(`${name}: live too`, edge.has(far.id, 8))
  // legacy peers ask for no friend's friend that they learn of at run time
  if (far.kind !== 'legacy') await t.done(`${name}: and the far peer has the edge's`, far.has(edge.id, 1))
  await Promise.all([edge.quit(), middle.quit(), far.quit()])
}

// Each hop of a line of kithds on loopback ends where --hops says.
async function limit (t) {
  const peers = await Promise.all([0, 1, 2, 3].map(i => start('kith', { dir: t.dir(`limit-${i}`), hops: 2 })))
  for (let i = 0; i < 3; i++) {
    await peers[i].cmd('follow', { id: peers[i + 1].id })
    await peers[i + 1].cmd('follow', { id: peers[i].id })
  }
  for (let i = 0; i < 3; i++) await peers[i + 1].cmd('connect', { addr: peers[i].addr })
  await t.done('hop 2 arrives', peers[0].has(peers[2].id, 2))
  await peers[2].has(peers[3].id, 1)
  await peers[1].has(peers[3].id, 1)
  await peers[2].cmd('publish', { content: { type: 'post', text: 'marker behind all' } })
  await peers[0].has(peers[2].id, 3)
  t.ok('hop 3 stays out', !((await peers[0].cmd('clock')).clock[peers[3].id]))
  await Promise.all(peers.map(p => p.quit()))
}

// Whom an author blocks gets nothing of the feed, even if we follow the author
// only while the other is connected.
async function blocked (t) {
  const k = await start('kith', { dir: t.dir('blocked') })
  const author = identity()
  const reader = identity()
  const block = next(author, null, { type: 'contact', contact: reader.id, blocking: true })
  await k.rpc.call('add', block)
  await k.rpc.call('add', next(author, block, { type: 'post', text: 'not for the reader' }))
  const s = await ebt(k, reader)
  s.send({})
  await t.until('the first notes', () => s.notes[k.id] !== undefined)
  await k.cmd('follow', { id: author.id })
  s.send({ [author.id]: note(0) })
  await t.done('a feed whose author blocks the reader is refused', t.until('the answer', () => s.notes[author.id] === -1))
  await s.rpc.call('manifest')
  t.ok('and not sent', s.messages.every(m => m.author !== author.id))
  s.rpc.destroy()
  await k.quit()
}

main(async t => {
  for (const kinds of CHAINS) await chain(t, kinds)
  await limit(t)
  await blocked(t)
})
