'use strict'
// A network of its own: peers with the same app key meet, others do not.
const crypto = require('crypto')
const { start } = require('./driver')
const { main } = require('./harness')
const { session, identity, MAINNET } = require('./wire')

main(async t => {
  const key = crypto.createHash('sha256').update('another network').digest('base64')
  for (const kind of ['modern', 'legacy']) {
    const k = await start('kith', { dir: t.dir(kind + '-kith'), key })
    const n = await start(kind, { dir: t.dir(kind), key })
    await k.cmd('follow', { id: n.id })
    await n.cmd('follow', { id: k.id })
    await n.cmd('connect', { addr: k.addr })
    await t.done(`${kind} and kith of one network meet`, Promise.all([k.has(n.id, 1), n.has(k.id, 1)]))
    const refused = await session(identity(), k.port, Buffer.from(k.id.slice(1, -8), 'base64'), { appKey: MAINNET })
      .then(() => false, () => true)
    t.ok('a peer of the main network is hung up on', refused)
    await Promise.all([k.quit(), n.quit()])
  }
})
