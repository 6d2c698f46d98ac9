#!/usr/bin/env node
'use strict'
// A peer that stands still for a while, as a telephone does, while messages
// come: nothing is lost, though kithd doubts meanwhile that they arrived.
// ssb-db2 drops a whole batch in which a message comes twice.
const { start, until } = require('./driver')
const { main } = require('./harness')

const POSTS = 20
const STILL_MS = 9000 // three times what makes kithd doubt

async function still (t, kind) {
  const k = await start('kith', { dir: t.dir(`${kind}/kith`) })
  const p = await start(kind, { dir: t.dir(`${kind}/peer`) })
  await p.cmd('request', { ids: [k.id] })
  await p.cmd('connect', { addr: k.addr })
  await until('the peer to ask for the feed', async () =>
    (await k.rpc.call('kith.explain', { feed: k.id })).peers.some(x => x.seq === 0))
  p.child.kill('SIGSTOP')
  const stopped = Date.now()
  await k.cmd('seed', { n: POSTS })
  await until('the time to be over', async () => Date.now() - stopped > STILL_MS, 2 * STILL_MS)
  p.child.kill('SIGCONT')
  await t.done(`${kind}: has all of it`, p.has(k.id, POSTS, 60000))
  await Promise.all([p.quit(), k.quit()])
}

main(t => Promise.all(['modern', 'legacy'].map(kind => still(t, kind))))
