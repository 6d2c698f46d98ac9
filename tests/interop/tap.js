'use strict'
// kith tap among the ill-behaved: whoever hangs up, sends junk, floods or does
// not read, it goes on, each side is told what it would be told without it, and
// its capture has whole lines.
const fs = require('fs')
const net = require('net')
const path = require('path')
const { start, until, freePort } = require('./driver')
const { main } = require('./harness')
const { kith } = require('./kith')
const { Tap } = require('./taps')
const { identity, Socket, Box, Rpc, dial, session, frame, JSONBODY, STREAM } = require('./wire')

const FLOOD = 4 << 20
const POINTS = [0, 1, 63, 64, 65, 100, 175, 176, 200, 256, 300]

const raw = key => key.toString('base64')
function secretOf (t, self, name) {
  const file = t.dir(`${name}.secret`)
  fs.writeFileSync(file, JSON.stringify({
    curve: 'ed25519', public: raw(self.publicKey) + '.ed25519', private: raw(self.secretKey) + '.ed25519', id: self.id
  }), { mode: 0o600 })
  return file
}

const connect = port => Socket.connect({ port, host: '127.0.0.1' })
const hungUp = async s => (await s.read(1)) === null

// Every line of a capture can be read, and kith dissect finds no damage.
async function isWhole (t, what, file) {
  const r = await kith(t.dir('nobody'), '--json', 'dissect', file)
  t.equal(`${what}: the capture can be read`, r.code, 0)
  if (r.code) t.note(r.stderr)
}

// A server that says n bytes, whatever it hears, and hangs up.
async function serverOf (n) {
  const server = net.createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', () => {})
    socket.end(Buffer.alloc(n, 7))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function clients (t, k, key) {
  const ann = identity()
  const tap = await Tap.start(t, 'clients', k.addr, [path.join(k.home, 'secret'), secretOf(t, ann, 'ann')])
  const box = async () => {
    const s = await connect(tap.port)
    return new Box(s, await dial(s, ann, key))
  }

  const rpc = await session(ann, tap.port, key)
  await t.done('a client is served', async () => typeof (await rpc.call('manifest')) === 'object')
  await t.done('it is told what the server refuses', async () =>
    rpc.call('whoami').then(() => false, e => /not in list of allowed methods/.test(e.message)))
  rpc.destroy()
  await t.done('a client without a secret: hung up on', async () => {
    const s = await connect(tap.port)
    return dial(s, identity(), key).then(() => false, () => true)
  })
  await t.done('a client that takes us for another: hung up on', async () => {
    const s = await connect(tap.port)
    return dial(s, ann, identity().publicKey).then(() => false, () => true)
  })
  await t.done('junk instead of a hello: hung up on', async () => {
    const s = await connect(tap.port)
    s.write(Buffer.alloc(100000, 1))
    return hungUp(s)
  })
  for (const n of POINTS) {
    const s = await connect(tap.port)
    s.write(Buffer.alloc(n, 5))
    n % 2 ? s.socket.end() : s.socket.destroy()
  }
  await t.done('a frame that does not open: hung up on', async () => {
    const b = await box()
    b.inner.write(Buffer.alloc(200, 3))
    await b.closed()
  })
  await t.done('half a frame, then the end', async () => {
    const b = await box()
    b.inner.write(b.frame(Buffer.from('{')).subarray(0, 20))
    b.destroy(true)
    await b.closed()
  })
  await t.done('a packet longer than all: the server hangs up', async () => {
    const b = await box()
    const header = Buffer.alloc(9)
    header[0] = JSONBODY
    header.writeUInt32BE(0xffffffff, 1)
    header.writeInt32BE(1, 5)
    b.write(header)
    await b.closed()
  })
  await t.done('a flood that the server does not take whole', async () => {
    const b = await box()
    const call = frame(JSONBODY | STREAM, 1, { name: ['nothing'], args: ['x'.repeat(1000)], type: 'source' })
    for (let sent = 0; sent < FLOOD && !b.inner.ended; sent += call.length) b.write(call)
    b.destroy()
  })
  const after = await session(ann, tap.port, key)
  await t.done('the next client is served', async () => typeof (await after.call('manifest')) === 'object')
  after.destroy()
  t.equal('the tap ends', await tap.stop(), 0)
  await isWhole(t, 'clients', tap.file)
  const closed = tap.lines().filter(p => p.e === 'close').map(p => p.why)
  t.ok('it says why', closed.some(w => /^no secret of the client @/.test(w)) && closed.includes('a frame does not open'))
}

// The server is not what it should be.
async function servers (t, k) {
  const ann = identity()
  const secrets = [path.join(k.home, 'secret'), secretOf(t, ann, 'servers')]
  const key = Buffer.from(k.id.slice(1, -8), 'base64')
  const refused = async tap => {
    const s = await connect(tap.port)
    return dial(s, ann, key).then(() => false, () => true)
  }
  for (const n of [0, 10, 64, 144, 1000]) {
    const server = await serverOf(n)
    const to = k.addr.replace(/:\d+~/, `:${server.address().port}~`)
    const tap = await Tap.start(t, `server-${n}`, to, secrets)
    await t.done(`a server that says ${n} bytes of junk: hung up on`, () => refused(tap))
    t.equal('the tap ends', await tap.stop(), 0)
    await isWhole(t, `server ${n}`, tap.file)
    server.close()
  }
  const nowhere = await Tap.start(t, 'nowhere', k.addr.replace(/:\d+~/, `:${await freePort()}~`), secrets)
  await t.done('no server: hung up on', () => refused(nowhere))
  await nowhere.stop()
  await isWhole(t, 'no server', nowhere.file)
}

// Without keys it passes bytes on; a key log of one side opens them later.
async function unopened (t, k, key) {
  const ann = identity()
  const [own, keylog] = [t.dir('own.ssbcap'), t.dir('own.keys')]
  const tap = await Tap.start(t, 'raw', `127.0.0.1:${k.port}`, [], '--bytes')
  await k.kith('capture', 'start', '--keylog', keylog, own)
  const rpc = await session(ann, tap.port, key)
  await rpc.call('manifest')
  await rpc.call('blobs.has', '&nonsense').catch(() => {})
  rpc.destroy(true)
  await until('its end', () => tap.lines().some(p => p.c === 1 && p.e === 'close'))
  await until('its end at the server', async () => (await k.cmd('status')).peers.length === 0)
  await k.kith('capture', 'stop')
  t.equal('the raw tap ends', await tap.stop(), 0)
  const packets = async (...args) => {
    const r = await kith(t.dir('nobody'), '--json', 'dissect', '--bodies', ...args)
    const list = r.stdout.split('\n').filter(Boolean).map(JSON.parse).filter(p => p.layer === 'rpc')
    return list.map(p => JSON.stringify([p.dir, p.what, p.req, p.bytes, p.body])).sort()
  }
  const opened = await packets('--keys', keylog, tap.file)
  t.ok(`${opened.length} packets were sealed`, opened.length > 4)
  t.equal('without the keys there is none', (await packets(tap.file)).length, 0)
  t.equal('they are those that kithd has', opened.join('\n'), (await packets(own)).join('\n'))
}

// The client reads nothing: the tap holds little, and lets the others on.
async function choked (t, k, key) {
  const [ann, ben] = [identity(), identity()] // a second connection would displace the first
  const secrets = [path.join(k.home, 'secret'), secretOf(t, ann, 'choked'), secretOf(t, ben, 'other')]
  const tap = await Tap.start(t, 'choked', k.addr, secrets, '--headers')
  const s = await connect(tap.port)
  const b = new Box(s, await dial(s, ann, key))
  s.socket.pause()
  const { id } = await k.cmd('blobadd', { base64: Buffer.alloc(4 << 20, 'x').toString('base64') })
  b.write(frame(JSONBODY | STREAM, 1, { name: ['blobs', 'get'], args: [id], type: 'source' }))
  const other = await session(ben, tap.port, key)
  await t.done('another client is served meanwhile', async () => typeof (await other.call('manifest')) === 'object')
  other.destroy()
  s.socket.resume()
  const rpc = new Rpc(b)
  let got = 0
  await new Promise(resolve => rpc.open.set(1, f => { got += f && Buffer.isBuffer(f.body) ? f.body.length : 0; if (!f || got >= 4 << 20) resolve() }))
  t.equal('whoever reads again gets all', got, 4 << 20)
  rpc.destroy()
  await tap.stop()
  await isWhole(t, 'choked', tap.file)
  t.ok('no body is in it', tap.lines().every(p => p.l !== 'rpc' || (p.j === undefined && p.b === undefined)))
}

// The client has said all, and the server too before the client reads: all of
// the answer arrives.  Of several sizes: how much the kernel holds is its own.
async function halfClosed (t) {
  for (let size = 5 << 20; size <= 8 << 20; size += 1 << 18) {
    const server = net.createServer({ allowHalfOpen: true }, socket => {
      socket.on('error', () => {})
      socket.on('end', () => socket.end(Buffer.alloc(size, 7))).resume()
      said = new Promise(resolve => socket.on('close', resolve))
    })
    let said
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
    const tap = await Tap.start(t, `half-${size}`, `127.0.0.1:${server.address().port}`, [])
    const client = net.connect({ port: tap.port, host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => {}).pause().end('?')
    await until('the question', () => said !== undefined)
    await Promise.race([said, new Promise(resolve => setTimeout(resolve, 500))])
    let got = 0
    client.on('data', bytes => { got += bytes.length })
    await new Promise(resolve => client.on('close', resolve).resume())
    t.equal('all of an answer after a half-close', got, size)
    t.equal('the tap ends', await tap.stop(), 0)
    server.close()
  }
}

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const key = Buffer.from(k.id.slice(1, -8), 'base64')
  await clients(t, k, key)
  await servers(t, k)
  await unopened(t, k, key)
  await choked(t, k, key)
  await halfClosed(t)
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
