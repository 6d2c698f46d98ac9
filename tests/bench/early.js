#!/usr/bin/env node
'use strict'
// How early a first sync is of use: a new node follows some feeds of a set, and
// connects to one peer that has them all. When does a query of the views find
// the followed feeds' newest posts, and when is all here? Prints Markdown; exits
// with 1 if the goal is missed.
//   SIZE=100000 FROM=kith,legacy,modern FOLLOWS=5,20 ROUNDS=3 in the environment
const fs = require('fs')
const path = require('path')
const { start } = require('../interop/driver')
const { load } = require('../interop/dataset')
const { carry, choose } = require('../interop/first-sync')
const { build } = require('../interop/kith')
const { median } = require('./process')

const SIZE = Number(process.env.SIZE || 100000)
const FROM = (process.env.FROM || 'kith,legacy,modern').split(',')
const FOLLOWS = (process.env.FOLLOWS || '5,20').split(',').map(Number)
const ROUNDS = Number(process.env.ROUNDS || 3)
const GOAL_MS = 3000
const root = path.join(build, 'bench', 'early')

// A sender's folder is loaded once and used again.
async function sender (kind, data) {
  const dir = path.join(root, `${kind}-${SIZE}`)
  const ready = fs.existsSync(path.join(dir, 'loaded'))
  if (!ready) fs.rmSync(dir, { recursive: true, force: true })
  const p = await start(kind, { dir })
  if (kind !== 'kith' || !ready) await p.cmd('request', { ids: [...data.feeds.keys()] })
  if (!ready) await p.cmd('load', { file: data.file })
  fs.writeFileSync(path.join(dir, 'loaded'), '')
  return p
}

async function once (from, data, near) {
  const dir = path.join(root, 'node')
  fs.rmSync(dir, { recursive: true, force: true })
  const node = await start('kith', { dir, hops: 2 })
  await node.cmd('request', { ids: near })
  const seen = await carry(node, from, data, near)
  seen.messages = (await node.cmd('status')).messages
  await node.quit()
  return seen
}

async function main () {
  const data = load(SIZE)
  const lines = []
  console.log(`A first sync from one peer that has ${SIZE} messages of ${data.feeds.size} feeds; medians of ${ROUNDS}.\n`)
  console.log('| from | follows | their messages | here, ms | newest posts are found, ms | all that came | after, ms | messages a second |\n|---|---|---|---|---|---|---|---|')
  for (const kind of FROM) {
    const from = await sender(kind, data)
    for (const n of FOLLOWS) {
      const { near } = choose(data, n)
      const runs = []
      for (let i = 0; i < ROUNDS; i++) runs.push(await once(from, data, near))
      const of = name => median(runs.map(r => r[name]))
      const theirs = near.reduce((sum, id) => sum + data.feeds.get(id), 0)
      console.log(`| ${kind} | ${n} | ${theirs} | ${of('near_ms')} | ${of('posts_ms')} | ${of('messages')} | ${of('all_ms')} | ${Math.round(of('messages') / of('all_ms') * 1000)} |`)
      if (kind === 'kith') lines.push([n, of('posts_ms')])
    }
    await from.quit()
  }
  console.log('\n## Goals\n')
  for (const [n, ms] of lines) console.log(`- ${ms <= GOAL_MS ? 'met' : '**missed**'}: the newest posts of ${n} followed feeds after ${ms} ms (goal: at most ${GOAL_MS})`)
  process.exit(lines.some(([, ms]) => ms > GOAL_MS) ? 1 : 0)
}

main().catch(e => { console.error(e); process.exit(1) })
