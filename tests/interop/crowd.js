'use strict'
// Strangers who come in numbers, and calls that cost more than they look: each
// gets its share, and whoever is followed finds room beside them.
const fs = require('fs')
const crypto = require('crypto')
const { start } = require('./driver')
const { main } = require('./harness')
const { witness } = require('./witness')
const { identity, session, frame, Socket, Rpc, JSONBODY, END, STREAM } = require('./wire')

const STRANGERS = 128 // LIMIT_STRANGERS
const FAR = 160 // LIMIT_FAR, with them
const HANDSHAKES = 64 // LIMIT_HANDSHAKES, of them
const PER_HOST = 16 // from one address
const DEADLINE_MS = 4500 // less than LIMIT_HANDSHAKE_SERVER_MS
const SESSIONS = 8 // of ebt, at once

const peak = pid => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1])

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const key = Buffer.from(k.id.slice(1, -8), 'base64')
  const friend = await witness(t, k)
  const come = self => session(self, k.port, key)
  const followed = identity()
  await k.cmd('follow', { id: followed.id })

  // questions about many blobs wait where the peer is, not in memory
  const asker = await come(identity())
  const ids = Array.from({ length: 1000 }, () => '&' + crypto.randomBytes(32).toString('base64') + '.sha256')
  const question = i => frame(JSONBODY, i, { name: ['blobs', 'has'], args: [ids] })
  const answers = []
  for (let i = 1; i <= 600; i++) asker.open.set(i, f => answers.push(f))
  const before = peak(k.pid)
  asker.pipe.write(Buffer.concat([...asker.open.keys()].map(question)))
  await t.done('600,000 questions about blobs are answered', t.until('the answers', () => answers.length === 600))
  t.ok('each of them', answers.every(f => f && Array.isArray(f.body) && f.body.length === ids.length))
  const held = peak(k.pid) - before
  t.ok(`out of little memory (${held} kB more)`, held < 4096)
  asker.destroy()

  // a program that is told of what happens, and stops reading
  const deaf = new Rpc(await Socket.connect({ path: k.home + '/socket' }))
  await deaf.call('whoami')
  for (let i = 0; i < 990; i++) deaf.stream('source', 'friends.stream', [{ live: true, old: false }], () => {})
  await deaf.call('whoami')
  deaf.pipe.socket.pause()
  for (let i = 0; i < 300; i++) await friend.peer.cmd('publish', { content: { type: 'contact', contact: identity().id, following: true } })
  await friend.unharmed('beside a program that does not read')
  deaf.pipe.socket.resume()
  await t.done('that program is cut', t.until('the end', () => deaf.ended))
  await t.done('and the log says why', t.until('the line', () =>
    /a local program that does not read/.test(fs.readFileSync(k.dir + '/stderr.log', 'utf8'))))

  // each session of ebt looks at all feeds
  const restless = await come(identity())
  const begin = (i, format) => frame(STREAM | JSONBODY, i, { name: ['ebt', 'replicate'], args: [{ version: 3, format }], type: 'duplex' })
  const refused = []
  for (let i = 1; i <= 2000; i++) restless.open.set(i, f => f && f.flags & END && /too many sessions/.test(f.body.message) && refused.push(i))
  // the first name a format that kith lacks: that is no session
  restless.pipe.write(Buffer.concat([...restless.open.keys()].map(i => begin(i, i > SESSIONS ? 'classic' : 'other'))))
  restless.next = 2000
  await t.done('after 2,000 calls of ebt the connection works', async () => (await restless.call('manifest')).manifest)
  t.ok(`most of them are refused (${refused.length})`, refused.length > 1900)
  t.ok('but not the first', refused[0] === 2 * SESSIONS + 1)
  await friend.unharmed('beside that')
  restless.destroy()

  // of those who say nothing the oldest gives way, long before its deadline
  const getsIn = async (hosts, host) => {
    const since = Date.now()
    const silent = await Promise.all(Array.from({ length: hosts * PER_HOST }, (_, i) =>
      Socket.connect({ port: k.port, host: '127.0.0.1', localAddress: host(Math.floor(i / PER_HOST)) })))
    let came = false
    while (!came && Date.now() < since + DEADLINE_MS) {
      came = await come(followed).then(rpc => { rpc.destroy(); return true }, () => false)
      if (!came) await new Promise(resolve => setTimeout(resolve, 200))
    }
    for (const s of silent) s.destroy()
    return came && Date.now() < since + DEADLINE_MS
  }
  const twice = async (...from) => await getsIn(...from) || await getsIn(...from)
  await t.done('who shakes hands gets in where others only hold the door', () => twice(HANDSHAKES / PER_HOST, i => `127.0.1.${1 + i}`))
  await t.done('also where these have the same address', () => twice(1, () => '127.0.0.1'))

  // strangers leave room for others
  const strangers = []
  const turnedAway = () => come(identity()).then(rpc => { strangers.push(rpc); return false }, () => true)
  await t.done(`${STRANGERS} strangers and no more get in`, async () => {
    await t.until('the others to be gone', async () => (await k.cmd('peers')).peers.length === 1)
    while (strangers.length < STRANGERS) if (await turnedAway()) throw new Error(`only ${strangers.length} did`)
    return turnedAway()
  })
  // nor does one of them take more places than its own by coming again
  strangers.pop().destroy()
  const restarted = identity()
  const again = async () => {
    const rpc = await come(restarted)
    rpc.pipe.inner.socket.pause() // it hears no goodbye: kithd waits for one
    strangers.push(rpc)
  }
  await t.done('one who comes again and again waits for its old places', async () => {
    await t.until('its place', () => again().then(() => true, () => false))
    let refused = 0
    for (let i = 0; i < 10; i++) await again().catch(() => refused++)
    return refused > 0
  })
  await t.done('who is followed does', async () => {
    const rpc = await come(followed)
    const manifest = await rpc.call('manifest')
    rpc.destroy()
    return manifest.manifest
  })
  await friend.unharmed('beside them')
  // nor do those whom somebody we follow made up take all of it
  const made = Array.from({ length: FAR + 1 - STRANGERS }, () => identity())
  for (const { id } of made) await friend.peer.cmd('publish', { content: { type: 'contact', contact: id, following: true } })
  await k.has(friend.peer.id, (await friend.peer.cmd('clock')).clock[friend.peer.id])
  const far = []
  await t.done(`${FAR} that are far and no more get in`, async () => {
    // kithd may hear of a message a moment after it is in the log
    for (const self of made.slice(1)) await t.until('a place', () => come(self).then(rpc => far.push(rpc), () => false))
    return come(made[0]).then(() => false, () => true)
  })
  await t.done('who is followed still does', async () => {
    const rpc = await come(followed)
    await rpc.call('manifest')
    rpc.destroy()
  })
  for (const rpc of far) rpc.destroy()
  strangers.pop().destroy()
  await t.done('one leaves, and another gets in', t.until('room', async () => !await turnedAway()))
  for (const rpc of strangers) rpc.destroy()
  await friend.leave()
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
