'use strict'
// The network's lower layers, written by hand so that a test can break them at
// will: secret handshake, box stream, muxrpc frames. Each side of a test that
// misbehaves is one of these.
const net = require('net')
const crypto = require('crypto')
const sodium = require('sodium-native')

const MAINNET = Buffer.from('1KHLiKZvAvjbY1ziZEHMXawbCEIM6qwjCDm3VYRan/s=', 'base64')
const sha256 = (...parts) => crypto.createHash('sha256').update(Buffer.concat(parts)).digest()

// ---- primitives

function identity (seed = crypto.randomBytes(32)) {
  const publicKey = Buffer.alloc(32)
  const secretKey = Buffer.alloc(64)
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  return { publicKey, secretKey, id: '@' + publicKey.toString('base64') + '.ed25519' }
}
const hmac = (key, data) => {
  const out = Buffer.alloc(32)
  sodium.crypto_auth(out, data, key)
  return out
}
const sign = (secretKey, ...parts) => {
  const out = Buffer.alloc(64)
  sodium.crypto_sign_detached(out, Buffer.concat(parts), secretKey)
  return out
}
const dh = (secret, point) => {
  const out = Buffer.alloc(32)
  sodium.crypto_scalarmult(out, secret, point)
  return out
}
const curvePublic = key => {
  const out = Buffer.alloc(32)
  sodium.crypto_sign_ed25519_pk_to_curve25519(out, key)
  return out
}
const curveSecret = key => {
  const out = Buffer.alloc(32)
  sodium.crypto_sign_ed25519_sk_to_curve25519(out, key)
  return out
}
const seal = (plain, nonce, key) => {
  const out = Buffer.alloc(plain.length + 16)
  sodium.crypto_secretbox_easy(out, plain, nonce, key)
  return out
}
const open = (sealed, nonce, key) => {
  const out = Buffer.alloc(sealed.length - 16)
  if (!sodium.crypto_secretbox_open_easy(out, sealed, nonce, key)) throw new Error('box does not open')
  return out
}
const increment = nonce => {
  for (let i = nonce.length - 1; i >= 0 && ++nonce[i] === 256; i--) nonce[i] = 0
}
const ZERO = Buffer.alloc(24)

const blobId = data => '&' + sha256(data).toString('base64') + '.sha256'

// ---- a socket read by the byte

class Socket {
  static connect (where) { // {port} or {path}
    return new Promise((resolve, reject) => {
      const socket = net.connect(where, () => resolve(new Socket(socket)))
      socket.once('error', reject)
    })
  }

  constructor (socket) {
    this.socket = socket
    this.have = Buffer.alloc(0)
    this.ended = false
    this.wake = () => {}
    socket.on('error', () => {})
    socket.on('data', data => { this.have = Buffer.concat([this.have, data]); this.wake() })
    for (const event of ['end', 'close']) socket.on(event, () => { this.ended = true; this.wake() })
  }

  write (data) { this.socket.write(data) }
  destroy (gently) { gently ? this.socket.end() : this.socket.destroy() }

  async read (n) { // null at the end
    while (this.have.length < n) {
      if (this.ended) return null
      await new Promise(resolve => { this.wake = resolve })
    }
    const out = this.have.subarray(0, n)
    this.have = this.have.subarray(n)
    return out
  }

  async closed () { while (!this.ended) await new Promise(resolve => { this.wake = resolve }) }
}

// ---- secret handshake, as the one who dials

// Gives the keys of both directions. Throws where the server hangs up.
async function dial (socket, self, remoteKey, appKey = MAINNET) {
  const scalar = crypto.randomBytes(32)
  const point = Buffer.alloc(32)
  sodium.crypto_scalarmult_base(point, scalar)
  const hangup = () => { throw new Error('hung up in the handshake') }

  const sent = hmac(appKey, point)
  socket.write(Buffer.concat([sent, point]))
  const hello = await socket.read(64) || hangup()
  const got = Buffer.from(hello.subarray(0, 32))
  const remotePoint = Buffer.from(hello.subarray(32))
  const s1 = dh(scalar, remotePoint)
  const h1 = sha256(s1)
  const s2 = dh(scalar, curvePublic(remoteKey))
  const auth = Buffer.concat([sign(self.secretKey, appKey, remoteKey, h1), self.publicKey])
  socket.write(seal(auth, ZERO, sha256(appKey, s1, s2)))
  const s3 = dh(curveSecret(self.secretKey), remotePoint)
  const k4 = sha256(appKey, s1, s2, s3)
  open(await socket.read(80) || hangup(), ZERO, k4)
  const S = sha256(k4)
  return {
    sendKey: sha256(S, remoteKey),
    sendNonce: Buffer.from(got.subarray(0, 24)),
    recvKey: sha256(S, self.publicKey),
    recvNonce: Buffer.from(sent.subarray(0, 24))
  }
}

// ---- box stream over a socket; same interface as Socket

class Box {
  constructor (socket, keys) {
    Object.assign(this, keys)
    this.inner = socket
    this.have = Buffer.alloc(0)
    this.ended = false
  }

  write (data) {
    for (let at = 0; at < data.length; at += 4096) this.inner.write(this.frame(data.subarray(at, at + 4096)))
  }

  frame (body) {
    const header = Buffer.from(this.sendNonce)
    increment(this.sendNonce)
    const sealed = seal(body, this.sendNonce, this.sendKey)
    increment(this.sendNonce)
    const plain = Buffer.alloc(18)
    plain.writeUInt16BE(body.length)
    sealed.copy(plain, 2, 0, 16)
    return Buffer.concat([seal(plain, header, this.sendKey), sealed.subarray(16)])
  }

  async more () {
    const sealed = await this.inner.read(34)
    const plain = sealed && open(sealed, this.recvNonce, this.recvKey)
    if (!plain || plain.equals(Buffer.alloc(18))) return false
    increment(this.recvNonce)
    const body = await this.inner.read(plain.readUInt16BE())
    if (!body) return false
    this.have = Buffer.concat([this.have, open(Buffer.concat([plain.subarray(2), body]), this.recvNonce, this.recvKey)])
    increment(this.recvNonce)
    return true
  }

  async read (n) {
    while (this.have.length < n) if (this.ended || !(await this.more())) { this.ended = true; return null }
    const out = this.have.subarray(0, n)
    this.have = this.have.subarray(n)
    return out
  }

  destroy (gently) { this.inner.destroy(gently) }
  async closed () { await this.inner.closed() }
}

// ---- muxrpc

const GOODBYE = Buffer.alloc(9)
const BINARY = 0; const STRING = 1; const JSONBODY = 2; const END = 4; const STREAM = 8

function frame (flags, request, body) {
  if (!Buffer.isBuffer(body)) body = Buffer.from(flags & JSONBODY ? JSON.stringify(body) : body)
  const header = Buffer.alloc(9)
  header[0] = flags
  header.writeUInt32BE(body.length, 1)
  header.writeInt32BE(request, 5)
  return Buffer.concat([header, body])
}

// Calls and streams over a Socket or a Box. Frames that open a request of the
// remote go to onCall(frame), which may answer with send.
class Rpc {
  constructor (pipe, onCall = () => {}) {
    this.pipe = pipe
    this.next = 0
    this.open = new Map()
    this.done = this.run(onCall)
  }

  send (flags, request, body) { this.pipe.write(frame(flags, request, body)) }

  async run (onCall) {
    for (;;) {
      const header = await this.pipe.read(9).catch(() => null)
      const length = header && header.readUInt32BE(1)
      const body = length ? await this.pipe.read(length).catch(() => null) : null
      if (!body) {
        if (header && header.equals(GOODBYE)) { this.pipe.write(GOODBYE); this.destroy(true) }
        break
      }
      const f = { flags: header[0], request: header.readInt32BE(5), raw: body }
      f.body = f.flags & JSONBODY ? JSON.parse(body) : f.flags & STRING ? body.toString() : body
      const waiting = this.open.get(-f.request)
      if (waiting) waiting(f)
      else if (f.request > 0) onCall(f)
    }
    this.ended = true
    for (const waiting of this.open.values()) waiting(null)
  }

  call (name, ...args) {
    const request = ++this.next
    this.send(JSONBODY, request, { name: name.split('.'), args, type: 'async' })
    return new Promise((resolve, reject) => this.open.set(request, f => {
      this.open.delete(request)
      if (!f) reject(new Error('connection ended'))
      else if (f.flags & END) reject(new Error(f.body.message || f.body))
      else resolve(f.body)
    }))
  }

  // onFrame(frame or null at the end); gives the request's number
  stream (type, name, args, onFrame) {
    const request = ++this.next
    this.open.set(request, f => {
      if (!f || f.flags & END) this.open.delete(request)
      if (f && f.flags & END) this.send(STREAM | END | JSONBODY, request, true)
      onFrame(f)
    })
    this.send(STREAM | JSONBODY, request, { name: name.split('.'), args, type })
    return request
  }

  // All items of a source, as frames
  source (name, ...args) {
    const items = []
    return new Promise((resolve, reject) => this.stream('source', name, args, f => {
      if (!f) reject(new Error('connection ended'))
      else if (!(f.flags & END)) items.push(f)
      else if (f.body === true) resolve(items)
      else reject(new Error(f.body.message || String(f.body)))
    }))
  }

  // feed(send) gives the items; resolves with true at the remote's clean end.
  sink (name, args, feed) {
    return new Promise((resolve, reject) => {
      const request = this.stream('sink', name, args, f => {
        if (!f) reject(new Error('connection ended'))
        else if (f.body === true) resolve(true)
        else reject(new Error(f.body.message || String(f.body)))
      })
      feed(data => this.send(STREAM | BINARY, request, data))
      this.send(STREAM | END | JSONBODY, request, true)
    })
  }

  destroy (gently) { this.pipe.destroy(gently) }
}

// A session with a kithd or any peer as self: the address's port and key.
async function session (self, port, remoteKey, { appKey, onCall } = {}) {
  const socket = await Socket.connect({ port, host: '127.0.0.1' })
  return new Rpc(new Box(socket, await dial(socket, self, remoteKey, appKey)), onCall)
}

// A local client, with all rights, over the unix socket.
const local = async path => new Rpc(await Socket.connect({ path }))

module.exports = {
  MAINNET, identity, blobId, sign, sha256, Socket, Box, Rpc, dial, session, local, frame, BINARY, STRING, JSONBODY, END, STREAM
}
