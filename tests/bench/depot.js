#!/usr/bin/env node
'use strict'
// Sessions with a depot: how fast messages go out, to a copy of the same files,
// and come in, to what this machine verifies, interleaved in one run; and what a
// session costs in which nothing is new, at a large depot. Prints Markdown;
// exits with 1 if a goal is missed.
//   ROUNDS=5 MESSAGES=100000 FEEDS=1000 GIGABYTES=10 in the environment, and
//   STICK_WRITE=20 STICK_READ=130, MB a second of the stick that is modelled
const { execFileSync } = require('child_process')
const fs = require('fs')
const os = require('os')
const path = require('path')
const { median } = require('./process')

const number = (name, usual) => Number(process.env[name] || usual)
const ROUNDS = number('ROUNDS', 5)
const MESSAGES = number('MESSAGES', 100000)
const FEEDS = number('FEEDS', 1000)
const GIGABYTES = number('GIGABYTES', 10)
const WRITERS = 5
const STICK_WRITE = process.env.STICK_WRITE = String(number('STICK_WRITE', 20))
const STICK_READ = process.env.STICK_READ = String(number('STICK_READ', 130))
const MANY_FEEDS = 5000
const build = path.join(process.env.KITH_BUILD, 'tests', 'bench')
const root = fs.mkdtempSync(path.join(process.env.TMPDIR || os.tmpdir(), 'kith-depot-'))
const at = name => path.join(root, name)
const say = text => process.stdout.write(text + '\n')
let missed = 0

function goal (what, met) {
  if (!met) missed++
  say(`- ${met ? 'met' : '**missed**'}: ${what}`)
}

const run = (program, ...args) => execFileSync(path.join(build, program), args, { encoding: 'utf8', maxBuffer: 1 << 30 })
const session = (...args) => JSON.parse(run('depot', ...args))
const seconds = t0 => Number(process.hrtime.bigint() - t0) / 1e9
const remove = name => fs.rmSync(at(name), { recursive: true, force: true })
const files = dir => fs.readdirSync(dir, { withFileTypes: true })
  .flatMap(e => e.isDirectory() ? files(path.join(dir, e.name)) : [path.join(dir, e.name)])
const settle = () => execFileSync('sync')

function generate (name, messages, feeds) {
  const out = fs.openSync(at(name), 'w')
  execFileSync(path.join(build, 'generate'), [messages, feeds, 'mixed', 1].map(String), { stdio: ['ignore', out, 'inherit'] })
  fs.closeSync(out)
  return at(name)
}

// cp, and what it wrote is on the disk; then that it reads back the same.
function copy () {
  remove('copy')
  settle()
  const t0 = process.hrtime.bigint()
  execFileSync('cp', ['-r', at('stick'), at('copy')])
  execFileSync('sync', files(at('copy')))
  const written = seconds(t0)
  execFileSync('diff', ['-r', at('stick'), at('copy')])
  return { written, compared: seconds(t0) }
}

// The same to a stick as they are sold: see stick.h.
function copySlowly () {
  remove('copy')
  settle()
  return session('copy', at('stick'), at('copy'), 'stick').seconds
}

function leave (file, ...how) {
  remove('stick')
  remove('from/depots')
  settle()
  const r = session(at('from'), at('stick'), file, ...how)
  if (r.out !== MESSAGES) throw new Error(`${r.out} messages went out`)
  return r
}

function take (file) {
  remove('to')
  settle()
  const r = session(at('to'), at('stick'), file)
  if (r.in !== MESSAGES || r.refused) throw new Error(`${r.in} messages came in`)
  return r
}

// Messages a second: by libsodium, and by our verifiers, on all cores.
function verify (file) {
  const [raw, ours] = run('raw', file).match(/[0-9]+(?= messages a second)/g).map(Number)
  return { raw, ours }
}

function speeds () {
  const file = generate('messages', MESSAGES, FEEDS)
  session(at('from'), at('stick'), file, 'load')
  const rounds = []
  for (let i = 0; i < ROUNDS; i++) {
    const slow = { out: leave(file, 'stick').seconds, cp: copySlowly() }
    const round = { slow, out: leave(file), cp: copy(), in: take(file), verify: verify(file) }
    rounds.push(round)
    console.error(`round ${i + 1}: stick ${slow.out} s, cp ${slow.cp} s; disk ${round.out.seconds} s, cp ${round.cp.written.toFixed(3)} s; in ${round.in.seconds} s`)
  }
  const of = f => median(rounds.map(f))
  const bytes = rounds[0].out.out_bytes
  const rate = s => (bytes / s / 1e6).toFixed(0)
  const out = of(r => r.out.seconds)
  const cp = of(r => r.cp.written)
  const compared = of(r => r.cp.compared)
  const come = MESSAGES / of(r => r.in.seconds)
  const raw = of(r => r.verify.raw)
  say(`## ${MESSAGES} messages of ${FEEDS} feeds, ${(bytes / 1e6).toFixed(0)} MB, medians of ${ROUNDS} interleaved rounds\n`)
  say('| what | seconds | MB/s |')
  say('|---|---|---|')
  say(`| to a stick of ${STICK_WRITE} MB/s (modelled): leave them there, synced and read back | ${of(r => r.slow.out).toFixed(3)} | ${rate(of(r => r.slow.out))} |`)
  say(`| the same: cp of the depot, and sync | ${of(r => r.slow.cp).toFixed(3)} | ${rate(of(r => r.slow.cp))} |`)
  say(`| to this machine's disk: leave them there, synced and read back | ${out.toFixed(3)} | ${rate(out)} |`)
  say(`| - of that, reading them back | ${of(r => r.out.checking).toFixed(3)} | |`)
  say(`| cp of the depot, and sync | ${cp.toFixed(3)} | ${rate(cp)} |`)
  say(`| cp, sync, and diff | ${compared.toFixed(3)} | ${rate(compared)} |`)
  say('')
  say('| what | messages a second |')
  say('|---|---|')
  say(`| take them in, committed | ${come.toFixed(0)} |`)
  say(`| verify them with libsodium, on all cores | ${raw} |`)
  say(`| verify them with ours, on all cores | ${of(r => r.verify.ours)} |`)
  say('')
  const stick = 100 * of(r => r.slow.cp) / of(r => r.slow.out)
  goal(`to a stick they go out, and are read back, at least 80 % as fast as cp and sync: ${stick.toFixed(0)} %`, stick >= 80)
  say(`- to this machine's disk, which has them in memory: ${(100 * cp / out).toFixed(0)} % of cp and sync, ${(100 * compared / out).toFixed(0)} % of cp, sync and diff`)
  goal(`what comes in is at least 80 % as fast as the machine verifies: ${(100 * come / raw).toFixed(0)} %`, come >= 0.8 * raw)
}

function nothingNew () {
  const file = generate('many', 20 * MANY_FEEDS, MANY_FEEDS)
  const depot = JSON.parse(run('depot_fill', at('large'), file, String(WRITERS), String(GIGABYTES)))
  const first = session(at('owner'), at('large'), file, 'load')
  const next = session(at('owner'), at('large'), file)
  say(`\n## A depot of ${GIGABYTES} GB (sparse) by ${WRITERS} writers, ${depot.segments} files, ${depot.feeds} feeds\n`)
  say('| session | seconds | bytes read | bytes written |')
  say('|---|---|---|---|')
  for (const [name, r] of [['first', first], ['next', next]]) say(`| ${name} | ${r.seconds.toFixed(3)} | ${r.read} | ${r.written} |`)
  say('')
  goal(`the next session reads less than 1 MB: ${next.read} bytes`, next.read < 1e6)
  goal('and writes nothing', !next.written && !next.out)
}

speeds()
nothingNew()
fs.rmSync(root, { recursive: true, force: true })
process.exit(missed ? 1 : 0)
