'use strict'
// A well-behaved peer beside the one that misbehaves: a modern npm peer that
// stays connected, and to which messages must keep flowing both ways.
const { start } = require('./driver')

async function witness (t, k) {
  const peer = await start('modern', { dir: t.dir('witness') })
  await k.cmd('follow', { id: peer.id })
  await peer.cmd('follow', { id: k.id })
  await peer.cmd('connect', { addr: k.addr })
  const at = async id => (await k.cmd('clock')).clock[id] || 0
  const post = text => ({ content: { type: 'post', text } })
  const both = async () => {
    await Promise.all([k.cmd('publish', post('from kith')), peer.cmd('publish', post('from the witness'))])
    await k.has(peer.id, (await peer.cmd('clock')).clock[peer.id])
    await peer.has(k.id, await at(k.id))
  }
  await both()
  return {
    peer,
    unharmed: when => t.done(`the other peer is served ${when}`, async () => {
      await both()
      return (await peer.cmd('peers')).peers.length === 1
    }),
    leave: () => peer.quit()
  }
}

module.exports = { witness }
