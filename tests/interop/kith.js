'use strict'
// The real kithd and kith as a peer of driver.js: the same commands, answered
// over the unix socket as a local client, and by the command line.
const { execFile } = require('child_process')
const fs = require('fs')
const path = require('path')
const { local, blobId } = require('./wire')
const { until, freePort, child, NpmPeer } = require('./driver')

const build = process.env.KITH_BUILD || path.join(__dirname, '../../build')
const KITH = path.join(build, 'tools/kith')
const KITHD = path.join(build, 'src/kithd')

// Runs kith; gives { code, stdout, stderr }, and never throws for an exit code.
const kith = (home, ...args) => new Promise(resolve =>
  execFile(KITH, ['--home', home, ...args.map(String)], { maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
    resolve({ code: error ? error.code : 0, stdout, stderr })))

async function must (home, ...args) {
  const r = await kith(home, ...args)
  if (r.code !== 0) throw new Error(`kith ${args.join(' ')}: exit ${r.code}: ${r.stderr.trim()}`)
  return r.stdout
}

class KithPeer extends NpmPeer {
  static async start (o) {
    const p = new KithPeer()
    p.kind = 'kith'
    p.dir = o.dir
    p.home = path.join(o.dir, 'home')
    fs.mkdirSync(o.dir, { recursive: true })
    if (!fs.existsSync(path.join(p.home, 'secret'))) await must(p.home, 'init')
    p.port = o.port || await freePort()
    p.args = ['--home', p.home, '--listen', `127.0.0.1:${p.port}`]
    if (o.hops !== undefined) p.args.push('--hops', String(o.hops))
    if (o.key) p.args.push('--app-key', o.key)
    await p.run()
    return p
  }

  async run () {
    const t0 = process.hrtime.bigint()
    this.child = child(KITHD, this.args, this.dir, 'ignore', 'ignore')
    this.pid = this.child.pid
    let code
    this.child.exited.then(c => { code = c })
    const socket = path.join(this.home, 'socket')
    await until('kithd to answer', async () => {
      if (code !== undefined) return true
      this.rpc = await local(socket)
      this.id = (await this.rpc.call('whoami')).id
      return true
    })
    if (code !== undefined) throw new Error(`kithd exited with ${code}; see ${this.dir}/stderr.log`)
    this.startup_ms = Number(process.hrtime.bigint() - t0) / 1e6
    this.addr = `net:127.0.0.1:${this.port}~shs:${this.id.slice(1, -8)}`
  }

  // kill -9, as a power cut would be.
  async kill () {
    this.child.kill('SIGKILL')
    await this.child.exited
    this.rpc.destroy()
  }

  async quit () {
    this.child.kill('SIGTERM')
    const code = await this.child.exited
    this.rpc.destroy()
    return code
  }

  kith (...args) { return kith(this.home, ...args) }
  async cmd (name, o = {}) { return commands[name](this, o) }
}

// The latest known sequence of every feed.
async function clock (p) {
  const out = {}
  for (const line of (await must(p.home, 'feeds', '--json')).split('\n')) {
    if (!line) continue
    const f = JSON.parse(line)
    if (f.seq > 0) out[f.feed] = f.seq
  }
  return out
}

const BLOB_CHUNK = 65536

// As client libraries do: the id is computed here, and the end says how it went.
async function addBlob (rpc, data) {
  await rpc.sink('blobs.add', [], send => {
    for (let at = 0; at < data.length; at += BLOB_CHUNK) send(data.subarray(at, at + BLOB_CHUNK))
  })
  return blobId(data)
}

const bodies = frames => frames.map(f => f.body)

const commands = {
  whoami: async p => ({ id: p.id, addr: p.addr }),
  publish: async (p, c) => ({ key: (await p.rpc.call('publish', c.content)).key }),
  seed: async (p, c) => {
    for (let i = 0; i < c.n; i++) await p.rpc.call('publish', { type: 'post', text: `kith seed ${i}` })
    return { n: c.n }
  },
  follow: async (p, c) => { await must(p.home, c.state === false ? 'unfollow' : 'follow', c.id); return {} },
  block: async (p, c) => { await must(p.home, c.state === false ? 'unblock' : 'block', c.id); return {} },
  connect: async (p, c) => { await must(p.home, 'connect', c.addr); return {} },
  disconnect: async (p, c) => { await must(p.home, 'disconnect', c.addr || c.id); return {} },
  peers: async p => ({
    peers: (await must(p.home, 'peers', '--json')).split('\n').filter(Boolean).map(JSON.parse)
      .filter(x => x.state === 'connected').map(x => x.peer)
  }),
  clock: async p => ({ clock: await clock(p) }),
  count: async p => {
    const c = Object.values(await clock(p))
    return { feeds: c.length, messages: c.reduce((a, b) => a + b, 0) }
  },
  private: async (p, c) => ({ key: (await p.rpc.call('private.publish', { ...c.content, recps: c.recps }, c.recps)).key }),
  get: async (p, c) => ({ msg: await p.rpc.call('get', { id: c.id, meta: true, private: c.private }) }),
  feed: async (p, c) => ({
    msgs: bodies(await p.rpc.source('createUserStream', { id: c.id || p.id, gte: c.seq || 1, limit: c.limit || 100 }))
  }),
  status: async p => p.rpc.call('status'),
  request: async (p, c) => { // kithd wants what its owner follows
    await Promise.all(c.ids.map(contact => p.rpc.call('publish', { type: 'contact', contact, following: true })))
    return { n: c.ids.length }
  },
  blobadd: async (p, c) => ({ id: await addBlob(p.rpc, c.file ? fs.readFileSync(c.file) : Buffer.from(c.base64, 'base64')) }),
  blobhas: async (p, c) => ({ has: await p.rpc.call('blobs.has', c.id) }),
  blobwant: async (p, c) => ({ has: await p.rpc.call('blobs.want', c.id) }),
  blobpush: async (p, c) => { await p.rpc.call('blobs.push', c.id); return {} },
  blobget: async (p, c) => ({ base64: Buffer.concat(bodies(await p.rpc.source('blobs.get', c.id))).toString('base64') }),
  load: async (p, c) => { await must(p.home, 'import', c.file); return {} },
  rpc: async () => { throw new Error('calls to a peer start from the other side') }
}

module.exports = { KithPeer, kith, must, build, KITH, KITHD }
