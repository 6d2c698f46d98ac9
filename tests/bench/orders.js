#!/usr/bin/env node
'use strict'
// Import of one made-up network in every order and packing: whole in one go,
// how fast, in how much memory; and its way out. Prints the report as Markdown;
// exits with 1 if a goal is missed.
//   MESSAGES=1000000 in the environment
const fs = require('fs')
const path = require('path')
const { execFileSync } = require('child_process')
const { build, KITH } = require('../interop/kith')
const { measured } = require('./process')

const MESSAGES = Number(process.env.MESSAGES || 1000000)
const FEEDS = 2000
const MEMORY_KB = 48 * 1024
const dir = path.join(build, 'bench', 'orders')
const file = name => path.join(dir, name)
const sh = script => execFileSync('/bin/sh', ['-c', script], { cwd: dir, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TMPDIR: dir } })
const say = text => process.stdout.write(text + '\n')
const round = (n, digits = 0) => n.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits })
let missed = 0

function goal (what, ok) {
  if (!ok) missed++
  say(`- ${ok ? 'met' : '**missed**'}: ${what}`)
}

// Makes a file once; it takes its name when it is whole.
function make (name, script) {
  if (!fs.existsSync(file(name))) sh(`${script} >${name}.part && mv ${name}.part ${name}`)
  return name
}

// Runs kith; stdin is a file or nothing.
async function kith (args, stdin) {
  const input = stdin ? fs.openSync(file(stdin), 'r') : 'ignore'
  try {
    return await measured(KITH, ['--home', file('home'), ...args],
      { cwd: dir, stdio: [input, 'pipe', 'pipe'], env: { ...process.env, TMPDIR: dir } })
  } finally {
    if (stdin) fs.closeSync(input)
  }
}

const digest = () => sh(`'${KITH}' --home home export | sort | sha256sum`)

async function imported (what, name, stdin) {
  fs.rmSync(file('home'), { recursive: true, force: true })
  await kith(['init'])
  const r = await kith(stdin ? ['import'] : ['import', name], stdin)
  const whole = r.out.startsWith(`${MESSAGES} accepted, 0 known already, 0 behind a gap, 0 refused`)
  say(`| ${what} | ${whole ? 'all' : r.out.split('\n')[0]} | ${round(MESSAGES / r.seconds)} | ${round(r.anon_kb / 1024, 1)} |`)
  return { ...r, whole, digest: digest() }
}

async function main () {
  fs.mkdirSync(dir, { recursive: true })
  make('all.ndjson', `'${path.join(build, 'tests/bench/generate')}' ${MESSAGES} ${FEEDS} mixed 1`)
  make('all.gz', 'gzip -1 -c all.ndjson')
  make('shuffled.ndjson', 'shuf --random-source=all.gz all.ndjson')
  say(`${round(MESSAGES)} messages of ${round(FEEDS)} feeds, ${round(fs.statSync(file('all.ndjson')).size / 1e6)} MB.\n`)
  say('| import | accepted | messages a second | anonymous MiB at most |\n|---|---|---|---|')
  const runs = [await imported('as it came', 'all.ndjson')]
  const out = [await kith(['export', '-o', 'out.ndjson']), await kith(['export', '-o', 'out.gz']), await kith(['export', '-o', 'out.zst'])]
  runs.push(await imported('shuffled', 'shuffled.ndjson'))
  fs.rmSync(file('shuffled.ndjson'))
  make('backwards.ndjson', 'tac all.ndjson')
  runs.push(await imported('backwards', 'backwards.ndjson'))
  fs.rmSync(file('backwards.ndjson'))
  runs.push(await imported('packed by gzip', 'out.gz'))
  runs.push(await imported('packed by zstd, from standard input', null, 'out.zst'))
  const trial = await kith(['import', '--dry-run', 'all.ndjson'])
  say('\n| export | messages a second | bytes a message |\n|---|---|---|')
  for (const [i, name] of ['out.ndjson', 'out.gz', 'out.zst'].entries()) {
    say(`| ${name.slice(4)} | ${round(MESSAGES / out[i].seconds)} | ${round(fs.statSync(file(name)).size / MESSAGES)} |`)
  }
  say('\n## Goals\n')
  goal('every order and packing gets in whole in one go', runs.every(r => r.whole))
  goal('and gives the same store', runs.every(r => r.digest === runs[0].digest))
  const slowest = Math.max(...runs.map(r => r.seconds)) / runs[0].seconds
  goal(`the slowest takes ${round(slowest, 2)} times the time of the first (goal: at most 1.5)`, slowest <= 1.5)
  const most = Math.max(...runs.map(r => r.anon_kb), trial.anon_kb)
  goal(`${round(most / 1024, 1)} MiB of anonymous memory at most (goal: under 48)`, most < MEMORY_KB)
  goal('again, dry, all are known', trial.out.startsWith(`0 accepted, ${MESSAGES} known already`))
  const left = fs.readdirSync(dir).filter(name => name.startsWith('kith-'))
  goal('no temporary file is left', left.length === 0)
  fs.rmSync(file('home'), { recursive: true })
}

main().catch(e => { say(`\nfailed: ${e.message}`); missed++ }).then(() => process.exit(missed ? 1 : 0))
