#!/usr/bin/env node
'use strict'
// The tour in the README, as a new user would type it: each command is run, and
// prints what stands there, but for ids and times.
const { spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { main } = require('../interop/harness')

const top = path.join(__dirname, '../..')
const build = process.env.KITH_BUILD || path.join(top, 'build')
const ID = /[@%][A-Za-z0-9+/]{43}=\.(?:ed25519|sha256)|[@%][A-Za-z0-9+/]{8}(?![A-Za-z0-9+/])/g

// [{ command, lines }] of the tour: what stands behind a tab.
function steps () {
  const text = fs.readFileSync(path.join(top, 'README'), 'utf8')
  const tour = text.slice(text.indexOf('A tour of five minutes'), text.indexOf('Keep what cannot be made again'))
  const found = []
  let open = false
  for (const line of tour.split('\n')) {
    if (line.startsWith('\t$ ')) found.push({ command: line.slice(3), lines: [] })
    else if (line && !line.startsWith('\t')) open = false
    else if (open && line) found[found.length - 1].lines.push(line.slice(1))
    if (line.startsWith('\t$ ')) open = true
  }
  return found
}

// What differs from one run to the next, and from one machine to the next.
const shape = line => line
  .replace(/just now|a minute ago|\d+ (seconds|minutes) ago/, 'NOW')
  .replace(/process \d+/, 'process N').replace(/[\d.]+ k?B$/, 'N kB')
  .replace(/^home .*/, 'home').replace(/\s+/g, ' ').trimEnd()

main(async t => {
  const known = new Map() // ids of the README, and what they are in this run
  const friend = t.dir('friend')
  const env = Object.assign({}, process.env, {
    KITH_HOME: t.dir('home'),
    TZ: 'UTC',
    LC_ALL: 'C',
    COLUMNS: '80',
    PATH: `${build}/tools:${build}/src:${process.env.PATH}`
  })

  // Output goes to files, which kithd in the background may keep open.
  function run (command) {
    const out = fs.openSync(t.dir('out'), 'w')
    const { status } = spawnSync('sh', ['-c', command], { env, stdio: ['ignore', out, out] })
    fs.closeSync(out)
    const lines = fs.readFileSync(t.dir('out'), 'utf8').split('\n').filter(l => l)
    return { status, lines }
  }
  const listening = async log => {
    const read = () => /listening address=net:[^:]*:(\d+)~/.exec(fs.readFileSync(log, 'utf8'))
    await t.until('listening', async () => read(), 30000)
    return read()[1]
  }
  function learn (want, got) {
    const old = want.match(ID) || []
    const now = got.match(ID) || []
    old.forEach((id, i) => {
      if (known.has(id) || !now[i] || id.length !== now[i].length) return
      known.set(id, now[i])
      if (!known.has(id.slice(0, 9))) known.set(id.slice(0, 9), now[i].slice(0, 9))
    })
  }
  const here = line => line.replace(ID, id => known.get(id) || id)
    .replace(/shs:([A-Za-z0-9+/]{43}=)/, (all, key) => 'shs:' + (known.get(`@${key}.ed25519`) || all).slice(1, 45))
  const fits = (want, got) => {
    if (want.length !== got.length) return false
    want.forEach((line, i) => learn(line, got[i]))
    return want.every((line, i) => shape(here(line)) === shape(got[i]))
  }

  fs.mkdirSync(t.dir('.'), { recursive: true })
  run('kith init')
  run(`kithd --listen 127.0.0.1:0 2>'${t.dir('log')}' &`)
  await listening(t.dir('log'))
  let port = '0'
  const all = steps()
  t.ok('the README has a tour', all.length > 15)
  for (const { command, lines } of all) {
    const typed = here(command).replaceAll('/tmp/friend', friend).replaceAll(':8009', `:${port}`)
    let got
    // "A moment later": what fails has done nothing, and what reads may wait.
    await t.until('as it stands there', async () => {
      got = run(typed)
      return got.status === 0 && (fits(lines, got.lines) || !/timeline|channel|search|inbox|status|verify|export/.test(typed))
    }, 30000).catch(() => {})
    if (!t.ok(command, got.status === 0 && fits(lines, got.lines))) t.note(`${typed}\n${got.lines.join('\n')}\nexit ${got.status}`)
    if (command.startsWith('kithd')) port = await listening(path.join(friend, 'log'))
  }
  run(`kith --home '${friend}' stop; kith stop`)
})
