'use strict'
// Below RPC: what a peer gets that cannot shake hands or cannot keep its
// frames, while another peer is served as if nothing were.
const crypto = require('crypto')
const fs = require('fs')
const net = require('net')
const path = require('path')
const { start } = require('./driver')
const { main } = require('./harness')
const { witness } = require('./witness')
const { MAINNET, identity, Socket, Box, Rpc, dial, frame, JSONBODY, STREAM, STRING } = require('./wire')

const ANY = Buffer.alloc(64, 0x5a)

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const key = Buffer.from(k.id.slice(1, -8), 'base64')
  const friend = await witness(t, k)
  const connect = () => Socket.connect({ port: k.port, host: '127.0.0.1' })
  const box = async () => {
    const s = await connect()
    return new Box(s, await dial(s, identity(), key))
  }

  // Sends bytes (or does f) and expects to be hung up on, with nothing said.
  const hungUp = (what, give) => t.done(what + ': hung up on, without a word', async () => {
    const s = await connect()
    await give(s)
    return (await s.read(1)) === null
  })

  const mute = connect() // says nothing; looked at in the end
  await hungUp('junk instead of a hello', s => s.write(ANY))
  await hungUp('a long piece of junk', s => s.write(Buffer.alloc(100000, 1)))
  await hungUp('half a hello, then the end', s => { s.write(ANY.subarray(0, 40)); s.socket.end() })
  await hungUp('a hello of another network', s => {
    const point = crypto.randomBytes(32)
    s.write(Buffer.concat([crypto.createHmac('sha512', Buffer.alloc(32, 9)).update(point).digest().subarray(0, 32), point]))
  })
  for (const [name, point] of [['zero', Buffer.alloc(32)], ['one', Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])]]) {
    await hungUp(`a hello with the low-order point ${name}`, s =>
      s.write(Buffer.concat([crypto.createHmac('sha512', MAINNET).update(point).digest().subarray(0, 32), point])))
  }
  await t.done('a wrong server key: hung up on after message 3', async () => {
    const s = await connect()
    return dial(s, identity(), identity().publicKey).then(() => false, () => true)
  })

  const boxed = (what, bytes) => t.done(`${what}: closed`, async () => {
    const b = await box()
    const rpc = new Rpc(b)
    await bytes(b)
    await rpc.done
    await b.closed()
  })
  await boxed('a header that does not open', b => b.inner.write(Buffer.alloc(34, 3)))
  await t.done('a header that does not open, and more for ever: closed', async () => {
    const socket = net.connect({ port: k.port, host: '127.0.0.1', allowHalfOpen: true })
    await new Promise(resolve => socket.once('connect', resolve))
    const s = new Socket(socket)
    await dial(s, identity(), key)
    const more = setInterval(() => s.write(ANY), 50)
    await t.until('the close', () => socket.destroyed).finally(() => clearInterval(more))
  })
  await boxed('a body that does not open', b => {
    const f = b.frame(Buffer.from('hello'))
    f[f.length - 1] ^= 1
    b.inner.write(f)
  })
  await boxed('a frame over 4096 bytes', b => b.inner.write(b.frame(Buffer.alloc(5000))))
  await boxed('a replayed frame', b => {
    const f = b.frame(frame(JSONBODY, 1, { name: ['manifest'], args: [] }))
    b.inner.write(f)
    b.inner.write(f)
  })
  await boxed('a frame cut by the end', b => { b.inner.write(b.frame(ANY).subarray(0, 50)); b.inner.socket.end() })
  await boxed('a call of 4 GB', b => b.write(Buffer.from([JSONBODY, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x7b])))
  await boxed('a call over the limit', b => b.write(frame(JSONBODY, 1, { name: ['manifest'], args: ['x'.repeat(100000)] })))
  await boxed('a stream item over the limit', b => {
    b.write(frame(STREAM | JSONBODY, 1, { name: ['gossip', 'ping'], args: [{ timeout: 300000 }], type: 'duplex' }))
    b.write(frame(STREAM | STRING, 1, 'x'.repeat(9 << 20)))
  })
  await boxed('data after the goodbye', b => { b.write(Buffer.alloc(9)); b.write(ANY) })

  await friend.unharmed('after broken frames')

  const crowd = await Promise.all(Array.from({ length: 200 }, connect))
  await t.done('of 200 that say nothing most are closed at once', async () => {
    const open = () => crowd.filter(s => !s.ended).length
    await t.until('the crowd to thin', () => open() <= 64, 4000)
  })
  await friend.unharmed('with a crowd of strangers')
  for (const s of crowd) s.destroy()
  await t.done('silence ends at the deadline', async () => (await (await mute).read(1)) === null)

  const lines = fs.readFileSync(path.join(t.dir('kith'), 'stderr.log'), 'utf8').split('\n').length
  t.ok(`the log stays short (${lines} lines)`, lines < 120)
  await friend.unharmed('in the end')
  await friend.leave()
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
