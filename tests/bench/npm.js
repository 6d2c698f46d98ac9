#!/usr/bin/env node
'use strict'
// The same messages through what exists on npm: npm.js WHAT FILE FOLDER
// Prints "WHAT | messages a second". All of FILE is parsed before the clock.
const fs = require('fs')
const path = require('path')

const [, , what, file, folder] = process.argv
const values = fs.readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line))
const feeds = new Map()
for (const v of values) {
  if (!feeds.has(v.author)) feeds.set(v.author, [])
  feeds.get(v.author).push(v)
}
const later = f => new Promise((resolve, reject) => f((e, v) => e ? reject(e) : resolve(v)))

// N-API, so the newest prebuild loads on every Node.
function native () {
  const m = { exports: {} }
  const root = path.dirname(require.resolve('ssb-validate2-rsjs-node/package.json'))
  process.dlopen(m, path.join(root, `prebuilds/${process.platform}-${process.arch}/node.abi93.node`))
  return m.exports
}

const ways = {
  'ssb-validate': () => {
    const validate = require('ssb-validate')
    let state = validate.initial()
    for (const v of values) {
      state = validate.append(state, null, v)
      if (state.error) throw state.error
      state.queue = []
    }
  },
  'ssb-classic': () => {
    const { validateBatch } = require('ssb-classic/validation')
    for (const f of feeds.values()) validateBatch(f, null, null, e => { if (e) throw e })
  },
  rust: () => {
    const [e] = native().validateMultiAuthorBatch('none', values.map(v => JSON.stringify(v, null, 2)))
    if (e) throw new Error(e)
  },
  'ssb-db2': async () => {
    for (let i = 0; i < values.length; i += 1000) await Promise.all(values.slice(i, i + 1000).map(v => later(cb => db.db.add(v, cb))))
    for (const index of ['base', 'keys', 'ebt']) await later(cb => db.db.onDrain(index, () => cb()))
  }
}

let db
async function main () {
  if (what === 'ssb-db2') {
    fs.rmSync(folder, { recursive: true, force: true })
    const caps = { shs: '1KHLiKZvAvjbY1ziZEHMXawbCEIM6qwjCDm3VYRan/s=' }
    db = require('secret-stack')({ caps }).use(require('ssb-db2')).use(require('ssb-db2/compat')).use(require('ssb-friends'))
      .call(null, { path: folder, keys: require('ssb-keys').generate(), caps, connections: { incoming: {}, outgoing: {} } })
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  const t0 = process.hrtime.bigint()
  await ways[what]()
  const seconds = Number(process.hrtime.bigint() - t0) / 1e9
  console.log(`${what} (npm) | ${Math.round(values.length / seconds).toLocaleString('en')}`)
  fs.rmSync(folder, { recursive: true, force: true })
  process.exit(0)
}

main().catch(e => { console.error(e); process.exit(1) })
