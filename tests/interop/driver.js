'use strict'
// Starts peers as child processes and talks to them:
//   const p = await start('modern', { dir }); await p.cmd('count'); await p.quit()
// kinds: legacy, modern (npm, over JSON lines) and kith (the real kithd).
// Every peer gets a free port of the kernel's choice. There is no sleeping:
// until(condition) asks until it holds.
const { spawn } = require('child_process')
const net = require('net')
const path = require('path')
const readline = require('readline')
const fs = require('fs')

const freePort = () => new Promise((resolve, reject) => {
  const server = net.createServer()
  server.on('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

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
