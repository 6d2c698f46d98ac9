'use strict'
// Sessions with npm peers, recorded by kithd and by kith tap and taken apart by
// kith dissect, compared packet by packet with what the npm peers' own muxrpc
// says it sent and got (--trace).
const fs = require('fs')
const path = require('path')
const { start, until } = require('./driver')
const { main } = require('./harness')
const { kith } = require('./kith')
const { Tap } = require('./taps')

const BLOB = Buffer.alloc(200000, 'interop ').toString('base64')
const post = text => ({ content: { type: 'post', text } })
const read = file => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse)

// ---- the three views of a packet, brought to one form

// What JavaScript has parsed and we have not, and the other way round.
const same = body => JSON.stringify(body)
const bytes = (base64, n) => ({ type: 'binary', n, head: base64.subarray(0, 256).toString('base64') })

function ofTrace (p) {
  if (p.goodbye) return 'goodbye'
  const o = { req: p.req, stream: p.stream, end: p.end }
  if (p.type === 'binary') return { ...o, type: 'binary', n: p.bytes, head: p.base64.replace('…', '') }
  return { ...o, type: p.type, body: same(p.body) }
}

function ofCapture (p) {
  if (p.e === 'goodbye') return 'goodbye'
  const o = { req: p.req, stream: !!p.stream, end: !!p.end }
  const raw = p.b === undefined ? null : Buffer.from(p.b, 'base64')
  if (p.type === 'binary') return { ...o, ...bytes(raw, p.n) }
  if (p.type === 'string') return { ...o, type: 'string', body: same(raw.toString()) }
  return { ...o, type: 'json', body: same(raw ? JSON.parse(raw) : p.j) }
}

function ofDissect (p) {
  if (p.what === 'goodbye') return 'goodbye'
  const o = { req: p.req, stream: !!p.stream, end: !!p.end }
  const raw = p.base64 === undefined ? null : Buffer.from(p.base64, 'base64')
  if (p.type === 'binary') return { ...o, ...bytes(raw, p.bytes) }
  if (p.type === 'string') return { ...o, type: 'string', body: same(raw ? raw.toString() : p.body) }
  return { ...o, type: 'json', body: same(raw ? JSON.parse(raw) : p.body) }
}

// What one end did in each direction: of a trace, of a capture, of dissect.
const directions = (list, form) => {
  const of = dir => list.filter(p => p.dir === dir || p.d === dir).map(form).map(x => typeof x === 'string' ? x : JSON.stringify(x))
  return { in: of('in'), out: of('out') }
}

// Packets of the nth connection of a trace with that peer.
function traced (file, remote, n) {
  const all = read(file)
  const conns = all.filter(p => p.event === 'connect' && p.remote === remote).map(p => p.conn)
  return all.filter(p => p.conn === conns[n] && (p.goodbye || p.type))
}

const captured = (file, c) => read(file).filter(p => p.l === 'rpc' && p.c === c && p.e !== 'bad')

async function dissected (t, file, c) {
  const r = await kith(t.dir('nobody'), '--json', 'dissect', '--bodies', '--conn', c, file)
  if (r.code !== 0) throw new Error(`kith dissect: exit ${r.code}: ${r.stderr}`)
  return r.stdout.split('\n').filter(Boolean).map(JSON.parse).filter(p => p.layer === 'rpc' && p.what !== 'broken')
}

// Whoever hears has all that the other said, up to its own goodbye: behind that
// JavaScript reads no more.
function compare (t, what, pairs) {
  let count = 0
  const equal = pairs.every(({ dir, said, heard, deaf }) => {
    const wrong = heard.findIndex((x, i) => x !== said[i])
    const left = said.length - heard.length
    const rest = left <= 0 || deaf || heard.includes('goodbye')
    if (wrong >= 0) t.note(`${what}, ${dir}, packet ${wrong}:\n    said  ${said[wrong]}\n    heard ${heard[wrong]}`)
    if (!rest) t.note(`${what}, ${dir}: ${left} packets were not heard: ${said[heard.length]}`)
    count += heard.length
    return wrong < 0 && rest && heard.length > 0
  })
  t.ok(`${what}: ${count} packets, all the same`, equal)
  return count
}

// a and b are what two ends say of one connection; b is nearer to whoever is
// called by in, so that what comes in at a was said by b.
const ends = (a, b) => [
  { dir: 'in', said: b.out, heard: a.in, deaf: a.out.includes('goodbye') },
  { dir: 'out', said: a.out, heard: b.in, deaf: b.out.includes('goodbye') }
]

// The nth connection that an npm peer traced with remote is c of the capture.
// server: the tap stood for that peer, so that what it said is what went out.
async function agree (t, what, file, c, trace, remote, { n = 0, server = false } = {}) {
  keep(file, what)
  const theirs = directions(traced(trace, remote, n), ofTrace)
  const check = ours => ends(server ? { in: ours.out, out: ours.in } : ours, theirs)
  compare(t, `${what}, by the capture`, check(directions(captured(file, c), ofCapture)))
  return compare(t, `${what}, by dissect`, check(directions(await dissected(t, file, c), ofDissect)))
}

// KEEP: a folder for the captures.
function keep (file, name) {
  if (process.env.KEEP) fs.copyFileSync(file, path.join(process.env.KEEP, name.replace(/ /g, '-') + '.ssbcap'))
}

const whole = file => fs.readFileSync(file, 'utf8').endsWith('\n') && read(file).length > 0

// ---- what is said in a session

const alone = p => p.until('no peers', async () => (await p.cmd('peers')).peers.length === 0)

async function follow (a, b) {
  await a.cmd('follow', { id: b.id })
  await b.cmd('follow', { id: a.id })
}

// Messages both ways, letters, a blob, a call that is refused.
async function talk (a, b, base = 1) {
  await a.cmd('publish', post('hello from alice: ä \u2028 "quoted"'))
  await b.cmd('publish', post('hello from bob'))
  await b.has(a.id, base + 1)
  await a.has(b.id, base + 1)
  await a.cmd('private', { content: { type: 'post', text: 'a letter' }, recps: [a.id, b.id] })
  await b.has(a.id, base + 2)
}

async function blob (from, to) {
  const { id } = await from.cmd('blobadd', { base64: BLOB })
  await to.cmd('blobwant', { id })
  await to.until('the blob', async () => (await to.cmd('blobhas', { id })).has)
}

async function refused (npm, peer) {
  await npm.cmd('rpc', { peer, type: 'source', method: ['createUserStream'], args: [{ id: peer }] }).catch(() => {})
  await npm.cmd('rpc', { peer, type: 'async', method: ['whoami'], args: [] }).catch(() => {})
  await npm.cmd('rpc', { peer, type: 'async', method: ['blobs', 'has'], args: ['&nonsense'] }).catch(() => {})
}

// ---- recorded by kithd

async function byKithd (t, name, kind, kithDials, more, options = {}) {
  const trace = t.dir(`${name}.trace`)
  const file = t.dir(`${name}.ssbcap`)
  const npm = await start(kind, { dir: t.dir(name + '/npm'), trace, ...options })
  const k = await start('kith', { dir: t.dir(name + '/kith') })
  await k.kith('capture', 'start', file)
  await follow(npm, k)
  const [a, b] = kithDials ? [k, npm] : [npm, k]
  await a.cmd('connect', { addr: b.addr })
  await more(npm, k)
  await a.cmd('disconnect', { id: b.id, addr: b.addr })
  await Promise.all([alone(npm), alone(k)])
  t.equal(`${name}: the capture ends`, (await k.kith('capture', 'stop')).code, 0)
  t.ok(`${name}: it has whole lines`, whole(file))
  const n = await agree(t, name, file, 1, trace, k.id)
  await Promise.all([npm.quit(), k.quit()])
  return n
}

// Whoever is killed says no goodbye.
async function killed (t) {
  const name = 'killed'
  const trace = t.dir(`${name}.trace`)
  const file = t.dir(`${name}.ssbcap`)
  const npm = await start('modern', { dir: t.dir(name + '/npm'), trace })
  const k = await start('kith', { dir: t.dir(name + '/kith') })
  await k.kith('capture', 'start', '--peer', npm.id, file)
  await follow(npm, k)
  await npm.cmd('connect', { addr: k.addr })
  await talk(npm, k)
  npm.child.kill('SIGKILL')
  await alone(k)
  await k.kith('capture', 'stop')
  const n = await agree(t, name, file, 1, trace, k.id)
  await k.quit()
  return n
}

// ---- recorded by a tap between two npm peers

const secret = p => path.join(p.dir, 'secret')

async function byTap (t, name, kinds, more, options = {}) {
  const [a, b] = await Promise.all(kinds.map((kind, i) =>
    start(kind, { dir: t.dir(`${name}/${i}`), trace: t.dir(`${name}.${i}.trace`), ...options })))
  const tap = await Tap.start(t, name, b.addr, [secret(b), secret(a)])
  await follow(a, b)
  await a.cmd('connect', { addr: tap.addr })
  await more(a, b, tap)
  await a.cmd('disconnect', { id: b.id, addr: tap.addr })
  await Promise.all([alone(a), alone(b)])
  t.equal(`${name}: the tap ends`, await tap.stop(), 0)
  t.ok(`${name}: its capture has whole lines`, whole(tap.file))
  const n = await agree(t, `${name}, the client`, tap.file, 1, t.dir(`${name}.0.trace`), b.id)
  await agree(t, `${name}, the server`, tap.file, 1, t.dir(`${name}.1.trace`), a.id, { server: true })
  await Promise.all([a.quit(), b.quit()])
  return n
}

// A guest comes with the key of an invite.
async function invited (t) {
  const name = 'invite'
  const [a, b] = await Promise.all([0, 1].map(i =>
    start('legacy', { dir: t.dir(`${name}/${i}`), trace: t.dir(`${name}.${i}.trace`) })))
  const { value: invite } = await b.cmd('call', { method: ['invite', 'create'], args: [1] })
  const tap = await Tap.start(t, name, invite, [secret(b), secret(a)])
  await a.cmd('call', { method: ['invite', 'accept'], args: [invite.replace(/:\d+:@/, `:${tap.port}:@`)] })
  await alone(b)
  await tap.stop()
  t.ok(`${name}: its capture has whole lines`, whole(tap.file))
  const guest = read(tap.file).find(p => p.l === 'shs' && p.e === 'done')
  t.ok(`${name}: a guest came`, guest.c === 1 && guest.id !== a.id)
  // The guest is a program of its own, in which nothing is traced.
  const n = await agree(t, `${name}, the server`, tap.file, 1, t.dir(`${name}.1.trace`), guest.id, { server: true })
  await Promise.all([a.quit(), b.quit()])
  return n
}

// Two meet in a room: what the tunnel carries is sealed once more.
async function roomed (t) {
  const name = 'room'
  const r = await start('extra/room', { dir: t.dir(name + '/room'), trace: t.dir(`${name}.trace`) })
  const [a, b] = await Promise.all([0, 1].map(i =>
    start('modern', { dir: t.dir(`${name}/${i}`), trace: t.dir(`${name}.${i}.trace`) })))
  const tap = await Tap.start(t, name, r.addr, [secret(r), secret(a)])
  await follow(a, b)
  await a.cmd('connect', { addr: tap.addr })
  await b.cmd('connect', { addr: r.addr })
  const tunnel = `tunnel:${r.id}:${b.id}~shs:${b.id.slice(1, -8)}`
  await until('the tunnel', async () => (await a.cmd('connect', { addr: tunnel })).peer)
  await a.cmd('publish', post('through the room'))
  await b.has(a.id, 2)
  await a.cmd('disconnect', { id: r.id })
  await tap.stop()
  t.ok(`${name}: its capture has whole lines`, whole(tap.file))
  const n = await agree(t, `${name}, the client`, tap.file, 1, t.dir(`${name}.0.trace`), r.id)
  await Promise.all([a.quit(), b.quit(), r.quit()])
  return n
}

main(async t => {
  const all = async (npm, k) => { await talk(npm, k); await blob(k, npm); await blob(npm, k); await refused(npm, k.id) }
  const sizes = [
    await byKithd(t, 'legacy dials', 'legacy', false, all),
    await byKithd(t, 'kith dials legacy', 'legacy', true, all),
    await byKithd(t, 'modern dials', 'modern', false, all),
    await byKithd(t, 'kith dials modern', 'modern', true, all),
    await byKithd(t, 'history', 'legacy', false, talk, { 'no-ebt': true }),
    await killed(t),
    await byTap(t, 'legacy to legacy', ['legacy', 'legacy'], async (a, b) => { await talk(a, b); await blob(b, a); await refused(a, b.id) }),
    await byTap(t, 'modern to legacy', ['modern', 'legacy'], async (a, b) => { await talk(a, b); await blob(a, b); await refused(a, b.id) }),
    await byTap(t, 'legacy to modern', ['legacy', 'modern'], async (a, b) => { await talk(a, b); await blob(b, a) }),
    await byTap(t, 'modern to modern', ['modern', 'modern'], async (a, b) => { await talk(a, b); await blob(a, b); await refused(a, b.id) }),
    await invited(t)
  ]
  try {
    require.resolve('ssb-room/package.json')
    sizes.push(await roomed(t))
  } catch (e) {
    if (e.code !== 'MODULE_NOT_FOUND') throw e
    t.note('no room: ssb-room is not installed')
  }
  t.ok(`${sizes.length} sessions, ${sizes.reduce((a, b) => a + b, 0)} packets`, sizes.length >= 11 && sizes.every(n => n > 1))
})
