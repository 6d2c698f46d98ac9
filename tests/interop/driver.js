'use strict'
// Starts peers as child processes and talks to them:
//   const p = await start('modern', { dir }); await p.cmd('count'); await p.quit()
// kinds: legacy, modern (npm, over JSON lines) and kith (the real kithd).
// There is no sleeping: until(condition) asks until it holds.
const { spawn } = require('child_process')
const net = require('net')
const path = require('path')
const readline = require('readline')
const fs = require('fs')

// Ports are below those that kernels draw, and each program has a block of its
// own, held by listening at the first: between here and the peer that will
// listen nobody else takes one.
const PORT_FIRST = 10000
const PORT_END = 32700
const PORT_BLOCK = 100
let block = null
let taken = 0

// The server, or null where that port is another's.
const listening = port => new Promise(resolve => {
  const server = net.createServer()
  server.on('error', () => resolve(null))
  server.listen(port, '127.0.0.1', () => resolve(server))
})

async function claimBlock () {
  for (let first = PORT_FIRST; first < PORT_END; first += PORT_BLOCK) {
    const server = await listening(first)
    if (server) return server.unref().address().port
  }
  throw new Error('no block of ports is free')
}

async function freePort () {
  block = block || claimBlock()
  const first = await block
  for (let tries = 1; tries < PORT_BLOCK; tries++) {
    const port = first + 1 + taken++ % (PORT_BLOCK - 1)
    const server = await listening(port)
    if (server) return new Promise(resolve => server.close(() => resolve(port)))
  }
  throw new Error('no port of the block is free')
}

// Gives the first truthy value of f; throws after ms. Errors of f count as no.
async function until (what, f, ms = 20000) {
  const end = Date.now() + ms
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    let why = ''
    const value = await Promise.resolve().then(f).catch(e => { why = ': ' + e.message })
    if (value) return value
    if (Date.now() > end) throw new Error('waited in vain for ' + what + why)
    await new Promise(resolve => setTimeout(resolve, pause))
  }
}

const running = new Set()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

// A child that does not outlive us; stderr goes to dir/stderr.log.
function child (command, args, dir, stdin, stdout) {
  fs.mkdirSync(dir, { recursive: true })
  const log = fs.openSync(path.join(dir, 'stderr.log'), 'a')
  const c = spawn(command, args, { stdio: [stdin, stdout, log] })
  fs.closeSync(log)
  running.add(c)
  c.exited = new Promise(resolve => c.on('exit', (code, signal) => {
    running.delete(c)
    resolve(signal || code)
  }))
  return c
}

class NpmPeer {
  static async start (kind, o) {
    const { nodeArgs = [], dir, ...options } = o
    const args = [...nodeArgs, path.join(__dirname, `${kind}-peer.js`), '--dir', dir, '--port', await freePort()]
    for (const k in options) {
      if (options[k] === true) args.push('--' + k)
      else if (options[k] !== undefined && options[k] !== false) args.push('--' + k, String(options[k]))
    }
    const p = new NpmPeer()
    p.kind = kind
    p.dir = dir
    p.waiting = new Map()
    p.tags = 0
    p.child = child(process.execPath, args.map(String), dir, 'pipe', 'pipe')
    const ready = new Promise((resolve, reject) => {
      readline.createInterface({ input: p.child.stdout }).on('line', line => {
        const m = JSON.parse(line)
        if (m.ready) return resolve(m)
        const w = p.waiting.get(m.tag)
        p.waiting.delete(m.tag)
        if (w) m.ok ? w.resolve(m) : w.reject(new Error(m.cmd + ': ' + m.error))
      })
      p.child.exited.then(code => {
        reject(new Error(`${kind} exited with ${code}; see ${dir}/stderr.log`))
        for (const w of p.waiting.values()) w.reject(new Error(kind + ' exited'))
      })
    })
    return Object.assign(p, await ready)
  }

  cmd (cmd, o = {}) {
    const tag = ++this.tags
    return new Promise((resolve, reject) => {
      this.waiting.set(tag, { resolve, reject })
      this.child.stdin.write(JSON.stringify({ ...o, cmd, tag }) + '\n')
    })
  }

  until (what, f, ms) { return until(`${what} (${this.kind})`, () => f(this), ms) }

  // This peer holds feed id up to sequence n.
  has (id, n, ms) { return this.until(`${id} at ${n}`, async () => (await this.cmd('clock')).clock[id] >= n, ms) }

  async quit () { await this.cmd('quit').catch(() => {}); return this.child.exited }
}

const start = (kind, o) => kind === 'kith' ? require('./kith').KithPeer.start(o) : NpmPeer.start(kind, o)

module.exports = { start, until, freePort, child, NpmPeer }
