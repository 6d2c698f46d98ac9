'use strict'
// Two peers of any kind meet: backlog, live messages and blobs both ways, direct
// reads, a disconnect and a second meeting. usage: prove.js [DIALLER DIALLED]
const { start, until } = require('./driver')
const { main } = require('./harness')
const { session, identity } = require('./wire')

const pairs = process.argv[3]
  ? [process.argv.slice(2, 4)]
  : [['legacy', 'kith'], ['kith', 'legacy'], ['modern', 'kith'], ['kith', 'modern'], ['kith', 'kith']]
const post = text => ({ content: { type: 'post', text } })

// b's own feed, asked for by RPC: by a, where a can be told to.
async function history (a, b) {
  const args = { id: b.id, seq: 1, live: false, keys: false }
  if (a.kind !== 'kith') {
    return (await a.cmd('rpc', { peer: b.id, type: 'source', method: ['createHistoryStream'], args: [args] })).values
  }
  const rpc = await session(identity(), Number(/:(\d+)~/.exec(b.addr)[1]), Buffer.from(b.id.slice(1, -8), 'base64'))
  const frames = await rpc.source('createHistoryStream', args)
  rpc.destroy()
  return frames
}

// from adds it, to wants it and then has the same bytes.
async function blob (from, to, base64) {
  const { id } = await from.cmd('blobadd', { base64 })
  const wanted = to.cmd('blobwant', { id })
  const late = new Promise((resolve, reject) => setTimeout(reject, 10000, new Error('no blob after 10 s')).unref())
  return (await Promise.race([wanted, late])).has && (await to.cmd('blobget', { id })).base64 === base64
}

// A letter of from, its nth message, is opened by to, and by nobody who is not
// asked to.
async function letter (from, to, n) {
  const text = `secret of ${from.id}`
  const { key } = await from.cmd('private', { content: { type: 'post', text }, recps: [from.id, to.id] })
  await to.has(from.id, n)
  for (const p of [to, from]) {
    await p.until('to open it', async () => (await p.cmd('get', { id: key, private: true })).msg.value.content.text === text)
  }
  const value = async p => JSON.stringify((await p.cmd('get', { id: key, private: true })).msg.value)
  if ([from, to].some(p => p.kind === 'modern')) return true
  if (await value(from) !== await value(to)) throw new Error(`${await value(from)}\nis not what the other shows:\n${await value(to)}`)
  return true
}

async function prove (t, A, B) {
  const ok = (what, f) => t.done(`${A} dials ${B}: ${what}`, f)
  const a = await start(A, { dir: t.dir(`${A}-${B}/a`) })
  const b = await start(B, { dir: t.dir(`${A}-${B}/b`) })
  await a.cmd('follow', { id: b.id })
  await b.cmd('follow', { id: a.id })
  const pa = await a.cmd('publish', post('hello from alice'))
  const pb = await b.cmd('publish', post('hello from bob'))

  const t0 = Date.now()
  await a.cmd('connect', { addr: b.addr })
  await ok('backlog to the dialled', b.has(a.id, 2))
  await ok('backlog to the dialler', a.has(b.id, 2))
  t.note(`backlog in ${Date.now() - t0} ms`)
  const text = async (p, id) => (await p.cmd('get', { id })).msg.value.content.text
  await ok('get on the dialled', until('get', async () => await text(b, pa.key) === 'hello from alice'))
  await ok('get on the dialler', until('get', async () => await text(a, pb.key) === 'hello from bob'))
  await a.cmd('publish', post('live from alice'))
  await ok('live to the dialled', b.has(a.id, 3))
  await b.cmd('publish', post('live from bob'))
  await ok('live to the dialler', a.has(b.id, 3))
  await ok('private to the dialled', letter(a, b, 4))
  await ok('private to the dialler', letter(b, a, 4))
  await ok('blob to the dialler', blob(b, a, Buffer.from('blob from bob').toString('base64')))
  await ok('blob of several packets to the dialled', blob(a, b, Buffer.alloc(200000, 'interop ').toString('base64')))
  await ok('createHistoryStream', async () => (await history(a, b)).length === 4)

  await a.cmd('disconnect', { id: b.id, addr: b.addr })
  const alone = p => p.until('no peers', async () => (await p.cmd('peers')).peers.length === 0)
  await ok('disconnected', Promise.all([alone(a), alone(b)]))
  await b.cmd('publish', post('while apart'))
  await a.cmd('connect', { addr: b.addr })
  await ok('what came while apart', a.has(b.id, 5))
  await ok('the dialler stops cleanly', async () => await a.quit() === 0)
  await ok('the dialled stops cleanly', async () => await b.quit() === 0)
}

main(async t => { for (const [A, B] of pairs) await prove(t, A, B) })
