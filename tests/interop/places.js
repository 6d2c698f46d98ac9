#!/usr/bin/env node
'use strict'
// One key in several places, for real: each case FORK_RUNS times (1), with an
// npm peer as the witness. In the end nobody may know two messages with one
// number: neither the witness nor any of the places.
// usage: places.js [CASE...]
const fs = require('fs')
const path = require('path')
const { spawn } = require('child_process')
const { start, until } = require('./driver')
const { main } = require('./harness')
const { kith, must, build, KITH } = require('./kith')

const RUNS = Number(process.env.FORK_RUNS || 1)
const SEED = Number(process.env.SEED || 1)
const FIFTY_YEARS_S = 50 * 365 * 86400
const SHIM = path.join(build, 'tests/support/.libs/clock_shift.so')

// A small generator of our own, so that a seed repeats the choices.
function random (seed) {
  let x = seed >>> 0 || 1
  return n => { x ^= x << 13; x >>>= 0; x ^= x >>> 17; x ^= x << 5; x >>>= 0; return x % n }
}

const kinds = ['modern', 'legacy', 'legacy without ebt']

const status = async p => (await p.cmd('status')).publish
const publish = (p, text) => p.cmd('publish', { content: { type: 'post', text } })
const refusal = (p, text) => publish(p, text).then(() => '', e => e.message)

// What one run works with: the first place, the witness, and how they meet.
class Run {
  constructor (t, name, i, witness) {
    Object.assign(this, { t, name, i, witness, rnd: random(SEED * 1000 + i + 1), seen: new Map(), tip: 0, forks: 0, published: 0, places: [] })
  }

  dir (sub) { return this.t.dir(`${this.name.replace(/ /g, '-')}-${this.i}/${sub}`) }

  async first () {
    const a = await start('kith', { dir: this.dir('a') })
    this.id = a.id
    await this.witness.cmd('request', { ids: [a.id] })
    this.places.push(a)
    return a
  }

  // Another place whose home prepare(home) has made. It dials nobody by itself:
  // a witness whose address came along could confirm it before it is asked.
  async another (sub, prepare) {
    const home = path.join(this.dir(sub), 'home')
    fs.mkdirSync(path.dirname(home), { recursive: true })
    await prepare(home)
    fs.writeFileSync(path.join(home, 'config'), '{"conn": {"autostart": false}}')
    const p = await start('kith', { dir: this.dir(sub) })
    this.places.push(p)
    return p
  }

  async write (p, n) {
    for (let k = 0; k < n; k++) {
      await publish(p, `${this.name} ${p.dir.slice(-1)} ${k}`)
      this.tip++
      this.published++
    }
  }

  async meet (p) {
    await p.cmd('connect', { addr: this.witness.addr })
    return until('a connection', async () => (await p.cmd('peers')).peers.includes(this.witness.id))
  }

  // ssb-db2 never takes the messages again whose sender went away while it
  // checked them: that witness is not connected when p is killed.
  async alone (p) {
    if (this.witness.kind !== 'modern') return
    await p.cmd('disconnect', { addr: this.witness.addr })
    await p.until('no peers', async () => !(await p.cmd('peers')).peers.length)
  }

  // The witness has all of it.
  told () { return this.witness.has(this.id, this.tip, 30000) }

  // p has what the witness has, and may publish.
  async confirmed (p) {
    await this.meet(p)
    await until(`the state ok (${(await status(p)).state})`, async () => (await status(p)).state === 'ok', 30000)
    if ((await p.cmd('clock')).clock[this.id] !== this.tip) throw new Error('ok, and messages are missing')
  }

  async waits (p, state = 'unconfirmed') {
    const why = await refusal(p, 'too early')
    if (!why.startsWith(state)) throw new Error(`not refused as ${state}: ${why || 'published'}`)
    if ((await status(p)).state !== state) throw new Error('status says ' + (await status(p)).state)
  }

  async learn (p) {
    for (const m of (await p.cmd('feed', { id: this.id, limit: 10000 })).msgs) {
      const known = this.seen.get(m.value.sequence)
      if (known && known !== m.key) this.forks++
      this.seen.set(m.value.sequence, m.key)
    }
  }

  // Asks everybody; stops the places.
  async judge () {
    for (const p of this.places) {
      if (p.child.exitCode !== null || p.child.signalCode) await p.run()
      await this.learn(p)
      await p.quit()
    }
    await this.learn(this.witness)
    if (this.seen.size !== this.tip) throw new Error(`${this.seen.size} messages are known, ${this.tip} were published`)
  }
}

// The first place is gone back to: it meets the witness, and does not write.
async function back (r, a) {
  await a.run()
  await r.meet(a)
  await until('the freeze', async () => (await status(a)).state !== 'ok')
  const state = (await status(a)).state
  if (state === 'frozen') {
    await r.waits(a, 'frozen')
    await until('what the other place wrote', async () => (await a.cmd('clock')).clock[r.id] === r.tip)
    await must(a.home, 'feed', 'unfreeze', r.id)
  }
  await until('the state ok', async () => (await status(a)).state === 'ok', 30000)
  await r.write(a, 1)
  await r.told()
}

async function adopted (r, prepare, running) {
  const a = await r.first()
  await r.write(a, 2 + r.rnd(5))
  await r.meet(a)
  await r.told()
  if (running) await a.cmd('disconnect', { addr: r.witness.addr })
  else await a.quit()
  const b = await r.another('b', home => prepare(a, home))
  await r.waits(b)
  if (running) await a.quit()
  await r.confirmed(b)
  await r.write(b, 1 + r.rnd(3))
  await r.told()
  await b.quit()
  await back(r, a)
}

const words = async (a, home) => {
  const child = spawn(KITH, ['--home', home, 'init', '--words'], { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin.end(await must(a.home, 'words'))
  const code = await new Promise(resolve => child.on('exit', resolve))
  if (code) throw new Error('kith init --words: exit ' + code)
}

const cases = {
  'copied secret': r => adopted(r, (a, home) => r.rnd(2)
    ? must(home, 'init', '--secret', path.join(a.home, 'secret'))
    : (fs.mkdirSync(home, { mode: 0o700 }), fs.copyFileSync(path.join(a.home, 'secret'), path.join(home, 'secret')))),

  'copied home': r => adopted(r, (a, home) => fs.cpSync(a.home, home, { recursive: true, filter: f => !f.endsWith('socket') }), r.rnd(2)),

  words: r => adopted(r, words),

  async 'restored backup' (r) {
    const a = await r.first()
    const file = r.dir('a') + '/backup'
    await r.write(a, 1 + r.rnd(4))
    await r.meet(a)
    await must(a.home, 'backup', file)
    await r.write(a, 1 + r.rnd(4)) // the backup does not have these
    await r.told()
    await a.quit()
    const b = await r.another('b', home => must(home, 'restore', file))
    await r.waits(b)
    await r.confirmed(b)
    await r.write(b, 2)
    await r.told()
    await b.quit()
    await back(r, a)
  },

  async 'two processes' (r) {
    const a = await r.first()
    await r.meet(a)
    const other = spawn(path.join(build, 'src/kithd'), ['--home', a.home, '--listen', '127.0.0.1:0'], { stdio: 'ignore' })
    const code = await new Promise(resolve => other.on('exit', resolve))
    if (!code) throw new Error('a second kithd ran in one home')
    const post = () => kith(a.home, 'post', 'by the command line')
    let done = await Promise.all([...Array(6)].map(post))
    await r.alone(a)
    await a.kill() // from here on each of them writes by itself
    done = done.concat(await Promise.all([...Array(6)].map(post)))
    const good = done.filter(x => x.code === 0)
    r.tip += good.length
    r.published += good.length
    const bad = done.find(x => x.code && !/process \d+ writes/.test(x.stderr))
    if (bad || good.length < 6) throw new Error(bad ? bad.stderr : 'hardly anything was published')
    await a.run()
    await r.meet(a)
    await r.write(a, 1)
    await r.told()
  },

  async killed (r) {
    const a = await r.first()
    await r.meet(a)
    for (let life = 0; life < 3; life++) {
      let acked = 0
      await r.alone(a)
      const writing = [...Array(8)].map((_, k) => publish(a, `life ${life} ${k}`).then(() => acked++, () => {}))
      await new Promise(resolve => setTimeout(resolve, r.rnd(12)))
      await a.kill()
      await a.run()
      const now = (await a.cmd('clock')).clock[r.id] || 0
      if (now < r.tip + acked) throw new Error('an acknowledged message is lost')
      if ((await status(a)).state !== 'ok') throw new Error('killed, and not ok')
      r.published += now - r.tip
      r.tip = now
      await r.write(a, 1)
      await r.meet(a)
      await r.told()
    }
  },

  async 'clock set back' (r) {
    const a = await r.first()
    await r.meet(a)
    for (const shift of [0, -FIFTY_YEARS_S, 0, FIFTY_YEARS_S, FIFTY_YEARS_S / 2, -r.rnd(100000), 0]) {
      await a.quit()
      Object.assign(process.env, { LD_PRELOAD: SHIM, CLOCK_SHIFT: String(shift) })
      const run = a.run()
      delete process.env.LD_PRELOAD
      delete process.env.CLOCK_SHIFT
      await run
      await r.meet(a)
      if (shift === FIFTY_YEARS_S) { // what claims the future cannot be taken back
        if (!/clock/.test(await refusal(a, 'much later'))) throw new Error('published in the far future')
        continue
      }
      await r.write(a, 2)
      await r.told()
    }
    const { msgs } = await a.cmd('feed', { limit: 1000 })
    for (let i = 1; i < msgs.length; i++) {
      if (!(msgs[i].value.timestamp > msgs[i - 1].value.timestamp)) throw new Error('claimed times do not increase')
    }
    if (!(msgs[msgs.length - 1].value.timestamp > Date.now() + 5e11)) throw new Error('the clock was never wrong')
  }
}

main(async t => {
  const all = Object.keys(cases)
  const chosen = process.argv.length > 2 ? process.argv.slice(2) : all
  for (const name of chosen) {
    const total = { runs: 0, forks: 0, published: 0 }
    for (let i = 0; i < RUNS; i++) {
      const [kind, ...options] = kinds[(all.indexOf(name) + i) % kinds.length].split(' without ')
      const witness = await start(kind, { ...(options.length && { 'no-ebt': true }), dir: t.dir(`witness-${name.replace(/ /g, '-')}-${i}`) })
      const r = new Run(t, name, i, witness)
      await t.done(`${name}, run ${i + 1}, ${[kind, ...options].join(" without ")} witness: nobody knows a fork`, async () => {
        await cases[name](r)
        await r.judge()
        return r.forks === 0
      })
      await witness.quit()
      for (const p of r.places) if (p.child.exitCode === null && !p.child.signalCode) await p.kill()
      total.runs++
      total.forks += r.forks
      total.published += r.published
    }
    console.log(`# ${name}: ${total.runs} runs, ${total.published} messages published, ${total.forks} forks`)
  }
})
