'use strict'
// damage_sources.js COUNT SEED [KIND...]: each kind of source, written by the
// program that it belongs to, with one of its files damaged in one of many
// ways, COUNT times: no command that reads it crashes or hangs, none gives a
// message that was not there, and of a file that is cut off all is given that
// stands before the tear.  One line a kind, and one for each failure.
const { execFileSync, spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const harm = require('./harm')
const { start } = require('./driver')
const { KITH, build } = require('./kith')
const { load } = require('./dataset')

const [count, seed, only] = [Number(process.argv[2]), Number(process.argv[3]), process.argv.slice(4)]
const MESSAGES = 300
const LIMIT_MS = 20000
const SHOWN_MAX = 20
// It exits with 3 as well, but nobody caught the fault.
const UNGUARDED = 'a page of the store cannot be read'
const dir = path.join(build, 'damage')
const file = name => path.join(dir, name)
const { random, ofBytes, ofPieces, ofLines } = harm(seed)
const env = { ...process.env, HOME: dir, KITH_HOME: file('nobody') }
const run = (...args) => execFileSync(KITH, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 })

// ---- the sources

async function byPeer (kind, data) {
  const peer = await start(kind, { dir: file(kind) })
  await peer.cmd('load', { file: data.file })
  await peer.quit()
}

async function makeAll () {
  const data = load(MESSAGES)
  run('--home', file('home'), 'init')
  run('--home', file('home'), 'import', data.file)
  fs.writeFileSync(file('lines'), run('--home', file('home'), 'export'))
  run('--home', file('home'), 'bundle', 'create', '--all', file('bundle'))
  // Only what is in reach goes onto a stick.
  run('--home', file('carrier'), 'init')
  for (const author of data.feeds.keys()) run('--home', file('carrier'), 'follow', author)
  run('--home', file('carrier'), 'import', data.file)
  fs.mkdirSync(file('depot'))
  run('--home', file('carrier'), 'sync', file('depot'))
  await byPeer('legacy', data)
  await byPeer('modern', data)
}

// ends(bytes): behind which bytes each message is whole, where they stand in
// the order in which they are given.
const kinds = {
  store: { at: 'home', files: /data\.mdb$/ },
  depot: { at: 'depot', ways: ofLines },
  bundle: { at: 'bundle', ways: ofLines, ends: lineEnds },
  lines: { at: 'lines', ways: ofLines, ends: lineEnds },
  flume: { at: 'legacy', files: /log\.offset$/, ends: flumeEnds },
  bipf: { at: 'modern', files: /log\.bipf$/, ends: bipfEnds }
}

function lineEnds (b) {
  const ends = []
  for (let at = 0, to; (to = b.indexOf(10, at)) >= 0; at = to + 1) {
    if (b.toString('latin1', at, to).startsWith('{"previous"')) ends.push(to + 1)
  }
  return ends
}

function flumeEnds (b) {
  const ends = []
  const width = [4, 6, 8].find(w => b.readUIntBE(8 + b.readUInt32BE(0) + w - 4, 4) === 8 + b.readUInt32BE(0) + w)
  for (let at = 0; at < b.length; ends.push(at)) at += 8 + b.readUInt32BE(at) + width
  return ends
}

function bipfEnds (b) {
  const ends = []
  for (let block = 0; block < b.length; block += 65536) {
    for (let at = block, n; at + 2 < b.length && (n = b.readUInt16LE(at)); ends.push(at)) at += 2 + n
  }
  return ends
}

function below (at) {
  const is = fs.statSync(at)
  if (is.isDirectory()) return fs.readdirSync(at).flatMap(name => below(path.join(at, name)))
  return is.isFile() ? [at] : []
}

const filesOf = kind => below(file(kind.at)).filter(name => fs.statSync(name).size && (!kind.files || kind.files.test(name))).sort()

// ---- what is read

const idsOf = out => out.split('\n').filter(Boolean).map(line => JSON.parse(line).id)

function read (command, source) {
  const args = { log: ['log', '-n', 'all', '--from', source], clock: ['clock', source], stats: ['stats', '--from', source], diff: ['diff', source, `lines:${file('whole')}`] }[command]
  const r = spawnSync(KITH, ['--json', ...args], { env, encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 1 << 28 })
  const why = r.error ? r.error.message : r.signal || (![0, 1, 3].includes(r.status) || r.stderr.includes(UNGUARDED) ? `exit ${r.status}: ${r.stderr}` : '')
  return { why, status: r.status, ids: command === 'log' && !why ? idsOf(r.stdout) : [] }
}

function check (kind, whole, way, damaged, original, r) {
  if (r.why) return r.why
  const strange = r.ids.find(id => !whole.has(id))
  if (strange) return `${strange} was not there`
  if (way !== 'cut off' || !kind.ends) return ''
  const before = [...whole].slice(0, kind.ends(original).filter(end => end <= damaged.length).length)
  return before.every((id, i) => r.ids[i] === id) ? '' : `${r.ids.length} of ${before.length} messages before the tear`
}

const COMMANDS = ['log', 'clock', 'log', 'stats', 'log', 'diff']

function damage (name, kind) {
  const source = `${name}:${file(kind.at)}`
  const whole = new Set(read('log', source).ids)
  const ways = { ...ofBytes, ...ofPieces, ...kind.ways }
  const names = Object.keys(ways)
  const files = filesOf(kind)
  const codes = {}
  let failed = whole.size >= MESSAGES ? 0 : 1
  if (failed) console.log(`not ok ${name}: ${whole.size} of ${MESSAGES} messages are in it`)
  for (let i = 0; i < count && failed < SHOWN_MAX; i++) {
    const way = names[i % names.length]
    const victim = files[random(files.length)]
    const original = fs.readFileSync(victim)
    const damaged = ways[way](original)
    fs.writeFileSync(victim, damaged)
    const r = read(way === 'cut off' ? 'log' : COMMANDS[random(COMMANDS.length)], source)
    const why = check(kind, whole, way, damaged, original, r)
    fs.writeFileSync(victim, original)
    codes[r.status] = (codes[r.status] || 0) + 1
    if (!why) continue
    failed++
    fs.writeFileSync(file(`failed-${name}-${i}`), damaged)
    console.log(`not ok ${name}, ${path.relative(dir, victim)}, ${way}, number ${i} of seed ${seed}: ${why}`)
  }
  if (!failed) console.log(`ok ${name}: ${count} damaged, ${names.length} ways: ${Object.entries(codes).map(([k, v]) => `exit ${k} ${v} times`).join(', ')}`)
  return failed
}

async function main () {
  fs.rmSync(dir, { recursive: true, force: true })
  fs.mkdirSync(dir, { recursive: true })
  await makeAll()
  fs.copyFileSync(file('lines'), file('whole'))
  let failed = 0
  for (const [name, kind] of Object.entries(kinds)) if (!only.length || only.includes(name)) failed += damage(name, kind)
  process.exit(failed ? 1 : 0)
}
main().catch(e => { console.log(`not ok ${e.stack}`); process.exit(1) })
