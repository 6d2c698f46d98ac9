'use strict'
// Blobs between kithd and both npm generations, as wanter, offerer and middle
// peer; several sources of which some are bad; peers that know only
// blobs.changes; and what messages name, fetched by itself.
const crypto = require('crypto')
const fs = require('fs')
const path = require('path')
const { start, until } = require('./driver')
const { main } = require('./harness')
const { BlobPeer, blobId, pause } = require('./blob-peer')
const { session, identity } = require('./wire')

const random = n => crypto.randomBytes(n)
const within = (promise, ms, what) => Promise.race([promise,
  new Promise((resolve, reject) => setTimeout(reject, ms, new Error('waited in vain for ' + what)).unref())])

// want first, so that the answer comes by the want streams alone
async function wants (p, id, ms = 20000) { return (await within(p.cmd('blobwant', { id }), ms, `${id} (${p.kind})`)).has }

async function gives (from, to, data) {
  const id = blobId(data)
  const wanted = wants(to, id)
  await pause(50) // the want is there before the blob is
  await from.cmd('blobadd', { base64: data.toString('base64') })
  return await wanted && Buffer.from((await to.cmd('blobget', { id })).base64, 'base64').equals(data)
}

// Where other programs of SSB look for it.
const file = (p, id) => {
  const hex = Buffer.from(id.slice(1), 'base64').toString('hex')
  return path.join(p.home || p.dir, 'blobs/sha256', hex.slice(0, 2), hex.slice(2))
}
const leftovers = p => fs.existsSync(path.join(p.home, 'blobs/tmp')) ? fs.readdirSync(path.join(p.home, 'blobs/tmp')) : []

async function chain (t, kinds) { // each connected to the next; gives the peers
  const name = kinds.join('-')
  const peers = []
  for (const [i, kind] of kinds.entries()) peers.push(await start(kind, { dir: t.dir(`${name}/${i}`) }))
  for (let i = 1; i < peers.length; i++) await peers[i - 1].cmd('connect', { addr: peers[i].addr })
  return peers
}

async function leave (t, p) { // with an error where it leaks, if built to tell
  const code = await p.quit()
  if (p.kind === 'kith') t.equal('kithd stops cleanly', code, 0)
}

async function pairs (t, kind) {
  const [n, k] = await chain(t, [kind, 'kith'])
  await t.done(`${kind} wants, kith offers`, gives(k, n, random(100000)))
  await t.done(`kith wants, ${kind} offers`, gives(n, k, random(300000)))
  const data = random(1000)
  const id = await n.cmd('blobadd', { base64: data.toString('base64') })
  await t.done(`kith wants what ${kind} has long had`, wants(k, id.id))
  t.ok('it lies where other programs look', fs.readFileSync(file(k, id.id)).equals(data))
  await t.done(`${kind} pushes, kith takes part`, async () => {
    const { id } = await n.cmd('blobadd', { base64: random(5000).toString('base64') })
    await n.cmd('blobpush', { id })
    return k.until('the pushed blob', async () => (await k.cmd('blobhas', { id })).has)
  })
  await t.done(`kith pushes, ${kind} takes part`, async () => {
    const { id } = await k.cmd('blobadd', { base64: random(5000).toString('base64') })
    await k.cmd('blobpush', { id })
    return n.until('the pushed blob', async () => (await n.cmd('blobhas', { id })).has)
  })
  const sizes = ['size', 'has'].map(m => ['blobs', m])
  for (const method of sizes) {
    const of = async p => JSON.stringify(p.kind === 'kith'
      ? await p.rpc.call(method.join('.'), [id.id, blobId(random(3))])
      : (await p.cmd('call', { method, args: [[id.id, blobId(random(3))]] })).value)
    t.equal(`${method.join('.')} of both is the same`, await of(k), await of(n))
  }
  await leave(t, k)
  await leave(t, n)
}

// The one in the middle has no need of it and carries the want.
async function middles (t, kinds) {
  const peers = await chain(t, kinds)
  await t.done(`${kinds.join(' wants, by ')} has`, gives(peers[peers.length - 1], peers[0], random(70000)))
  for (const p of peers) await leave(t, p)
}

async function sources (t) {
  const k = await start('kith', { dir: t.dir('sources') })
  const data = random(1 << 20)
  const id = blobId(data)
  const offerers = {}
  for (const how of ['lying', 'cut', 'slow']) (offerers[how] = await BlobPeer.join(k)).offer(data, how)
  await t.done('three sources, one slow, one lying, one cut: it comes whole', wants(k, id))
  t.ok('and is the same', fs.readFileSync(file(k, id)).equals(data))
  await t.done('the one that is slow is still connected', !offerers.slow.rpc.ended)
  await t.done('the one that lied is still connected', !offerers.lying.rpc.ended)

  for (const how of ['failing', 'json', 'endless', 'lying']) {
    const bad = await BlobPeer.join(k)
    const good = await BlobPeer.join(k)
    const blob = random(200000)
    bad.offer(blob, how)
    const wanted = wants(k, blobId(blob))
    await t.done(`a source that is ${how} is asked`, until('a get', () => bad.gets.length))
    good.offer(blob)
    await t.done(`and another gives it after one that is ${how}`, wanted)
    t.ok(`one that is ${how} sent no more than it announced, and what was under way`, bad.sent < (8 << 20))
    bad.rpc.destroy()
    good.rpc.destroy()
  }
  const big = await BlobPeer.join(k)
  const max = 5242880
  big.offer(Buffer.alloc(max), 'well')
  k.cmd('blobwant', { id: blobId(Buffer.alloc(max)) }).catch(() => {})
  big.say({ nonsense: 7, [blobId(Buffer.from('a'))]: 1.5, [blobId(Buffer.from('b'))]: 0 })
  for (const item of [[], null, 'text', 7, { [blobId(Buffer.from('c'))]: -1e300 }]) big.say(item)
  await t.done('one byte too large is not fetched, and nonsense is let pass', async () => {
    const small = big.offer(random(10))
    return await wants(k, small) && !big.gets.some(g => g.id !== small)
  })
  t.equal('nothing is left of what was given up', leftovers(k).filter(f => !/^[&A-Za-z0-9_-]{40,}/.test(f)).length, 0)
  await leave(t, k)
}

async function cuts (t) { // kithd serves slices, a connection is cut again and again
  const k = await start('kith', { dir: t.dir('cuts') })
  const data = random(1 << 20)
  const id = blobId(data)
  let sent = 0
  const wanted = wants(k, id, 60000)
  const self = identity()
  for (let i = 0; i < 5; i++) {
    const p = await BlobPeer.join(k, { self, slice: true })
    p.offer(data, 'cut')
    p.blobs.get(id).cutAt = 131072
    await until('the cut', () => p.rpc.ended)
    sent += p.sent
  }
  const p = await BlobPeer.join(k, { self, slice: true })
  p.offer(data)
  await t.done('after five cuts it comes whole', wanted)
  sent += p.sent
  t.ok(`having moved at most 1.2 times its size (${(sent / data.length).toFixed(2)})`, sent <= 1.2 * data.length)
  await leave(t, k)
}

async function refused (t) { // what a cut left outlives a peer that knows no slices
  const k = await start('kith', { dir: t.dir('refused') })
  const data = random(1 << 20)
  const id = blobId(data)
  const wanted = wants(k, id, 60000)
  const cut = await BlobPeer.join(k, { slice: true })
  cut.offer(data, 'cut')
  cut.blobs.get(id).cutAt = 131072
  await until('the cut', () => cut.rpc.ended)
  const without = await BlobPeer.join(k)
  let held
  without.called = f => {
    if ([].concat(f.body.name || []).join('.') === 'blobs.getSlice') held = f
    else BlobPeer.prototype.called.call(without, f)
  }
  without.offer(data)
  await until('a slice to be asked for', () => held)
  const other = await BlobPeer.join(k, { slice: true })
  other.offer(data)
  await until('the stream of wants', () => other.wants)
  await other.rpc.call('blobs.has', id) // answered behind the offer
  without.refuse(held, 'method:blobs,getSlice is not in list of allowed methods')
  await t.done('after a slice was refused it comes from another', wanted)
  t.equal('which goes on behind the cut', other.gets[0].start, 131072)
  await leave(t, k)
}

async function killed (t) { // kill -9 while a blob comes in
  const k = await start('kith', { dir: t.dir('killed') })
  const data = random(2 << 20)
  const self = identity()
  const id = blobId(data)
  wants(k, id).catch(() => {})
  const slow = await BlobPeer.join(k, { self, slice: true })
  slow.offer(data, 'slow')
  await until('half of it', () => slow.sent > data.length / 2)
  await until('some of it on the disk', () => leftovers(k).some(name => fs.statSync(path.join(k.home, 'blobs/tmp', name)).size))
  await k.kill()
  t.ok('killed in the middle, nothing of it is visible', !fs.existsSync(file(k, id)))
  const left = leftovers(k).map(name => fs.statSync(path.join(k.home, 'blobs/tmp', name)).size)
  await k.run()
  const again = await BlobPeer.join(k, { self, slice: true })
  again.offer(data)
  await t.done('what was wanted is wanted again, and comes', until('the file', () => fs.existsSync(file(k, id))))
  t.ok('whole', fs.readFileSync(file(k, id)).equals(data))
  t.equal('behind what there was', again.gets[0].start, Math.max(...left))
  await leave(t, k)
}

async function legacy (t) {
  const k = await start('kith', { dir: t.dir('changes') })
  const early = random(2000)
  const late = random(3000)
  const wanted = wants(k, blobId(early))
  const p = await BlobPeer.join(k, { legacy: true })
  p.blobs.set(blobId(early), { data: early, how: 'well' })
  await t.done('a peer without createWants is asked by blobs.has', wanted)
  const more = wants(k, blobId(late))
  await until('to be asked again', () => p.asked.includes(blobId(late)))
  p.offer(late)
  await t.done('and tells by blobs.changes what it gets', more)
  await t.done('and hears by ours what we get', async () => {
    const heard = []
    p.rpc.stream('source', 'blobs.changes', [], f => f && heard.push(f.body))
    await pause(50)
    const { id } = await k.cmd('blobadd', { base64: random(99).toString('base64') })
    return until('the id', () => heard.includes(id))
  })
  await t.done('blobs.has is a question and no want', async () => {
    const other = await BlobPeer.join(k)
    await until('its first item', () => other.items > 0)
    const id = blobId(random(5))
    const has = await p.rpc.call('blobs.has', id)
    await pause(200)
    return has === false && !(id in other.heard)
  })
  await leave(t, k)
}

async function mentions (t) {
  const [n, k] = await chain(t, ['modern', 'kith'])
  await k.cmd('follow', { id: n.id })
  const data = random(12345)
  const { id } = await n.cmd('blobadd', { base64: data.toString('base64') })
  await n.cmd('publish', { content: { type: 'post', text: `![x](${id})`, mentions: [{ link: id, name: 'x' }] } })
  await t.done('what a friend names in a message comes by itself', k.until('the blob', async () => (await k.cmd('blobhas', { id })).has))
  const mine = random(777)
  const own = blobId(mine)
  await k.cmd('publish', { content: { type: 'about', about: k.id, image: own } })
  const far = await BlobPeer.join(k)
  await t.done('what we name ourselves is wanted', until('the want', () => far.heard[own] === -1))
  far.offer(mine)
  await t.done('and comes', k.until('the blob', async () => (await k.cmd('blobhas', { id: own })).has))
  await t.done('who has it hears no more of the want, but the size', until('the have', () => far.heard[own] === mine.length))
  await leave(t, k)
  await leave(t, n)
}

async function strangers (t) {
  const k = await start('kith', { dir: t.dir('strangers') })
  const data = random(70000)
  const { id } = await k.cmd('blobadd', { base64: data.toString('base64') })
  const rpc = await session(identity(), k.port, Buffer.from(k.id.slice(1, -8), 'base64'))
  const absent = blobId(random(4))
  const bytes = async (name, ...args) => Buffer.concat((await rpc.source(name, ...args)).map(f => f.body))
  const fails = (what, promise, text) => t.done(what, promise.then(() => false, e => text.test(e.message) || Promise.reject(e)))
  for (const arg of [id, { key: id }, { hash: id }, { id, max: 5242880 }, { key: id, size: data.length }]) {
    t.ok(`get ${JSON.stringify(arg).slice(0, 30)}`, (await bytes('blobs.get', arg)).equals(data))
  }
  t.equal('chunks are of 65536 bytes', (await rpc.source('blobs.get', id)).map(f => f.body.length).join(), '65536,4464')
  t.ok('a slice', (await bytes('blobs.getSlice', { hash: id, start: 10, end: 66000 })).equals(data.subarray(10, 66000)))
  t.equal('a slice beyond the end is clipped', (await bytes('blobs.getSlice', { key: id, start: 69990, end: 1e9 })).length, 10)
  t.equal('the empty blob', (await bytes('blobs.get', blobId(Buffer.alloc(0)))).length, 0)
  t.equal('has', JSON.stringify(await rpc.call('blobs.has', [id, absent, blobId(Buffer.alloc(0))])), '[true,false,true]')
  t.equal('has of one', await rpc.call('blobs.has', id), true)
  await fails('has of what is no id', rpc.call('blobs.has', 'x'), /^invalid id:x/)
  await fails('get of what is not here', bytes('blobs.get', absent), /^could not get blob/)
  await fails('get of what is not here, by object', bytes('blobs.get', { key: absent }), /^stat failed/)
  await fails('get of no id', bytes('blobs.get', 'x'), /^multiblob.get: {id} is mandatory/)
  await fails('get of another size', bytes('blobs.get', { key: id, size: 7 }), /^incorrect file length, requested:7 file was:70000 for file:&/)
  await fails('get with too small a max', bytes('blobs.get', { key: id, max: 9 }), /^incorrect file length, requested:undefined file was:70000 for file:&/)
  await fails('a slice without end', bytes('blobs.getSlice', { key: id, start: 1 }), /end/)
  await fails('a slice that ends before it starts', bytes('blobs.getSlice', { key: id, start: 9, end: 1 }), /./)
  await fails('a slice from below zero', bytes('blobs.getSlice', { key: id, start: -9, end: 1 }), /./)
  for (const name of ['size', 'meta', 'rm', 'want', 'push']) {
    await fails(`${name} is not for strangers`, rpc.call(`blobs.${name}`, id), /is not in list of allowed methods/)
  }
  for (const name of ['ls', 'pushed']) await fails(`${name} is not for strangers`, rpc.source(`blobs.${name}`), /is not in list of allowed methods/)
  await fails('add is not for strangers', rpc.sink('blobs.add', [], send => send(Buffer.from('x'))), /is not in list of allowed methods/)
  await t.done('the owner removes it', k.rpc.call('blobs.rm', id))
  t.equal('and then it is gone', await rpc.call('blobs.has', id), false)
  await fails('and cannot be removed again', k.rpc.call('blobs.rm', id), /ENOENT/)
  await fails('wrong bytes under an id', k.rpc.sink('blobs.add', [id], send => send(Buffer.from('other'))), /./)
  await fails('bytes without end', k.rpc.sink('blobs.add', [], send => { for (let i = 0; i < 90; i++) send(Buffer.alloc(65536)) }), /./)
  t.equal('neither is kept', await rpc.call('blobs.has', id), false)
  rpc.destroy()
  await leave(t, k)
}

main(async t => {
  await strangers(t)
  for (const kind of ['legacy', 'modern']) await pairs(t, kind)
  for (const kind of ['legacy', 'modern']) {
    await middles(t, [kind, 'kith', kind])
    await middles(t, ['kith', kind, 'kith'])
  }
  await sources(t)
  await cuts(t)
  await refused(t)
  await killed(t)
  await legacy(t)
  await mentions(t)
})
