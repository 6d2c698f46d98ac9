#!/usr/bin/env node
'use strict'
// The questions of queries.js to ssb-db2:
//   queries-db2.js load FILE FOLDER            adds all messages of FILE
//   queries-db2.js ask FOLDER QUESTIONS.json   makes its indexes anew, then asks
// Prints JSON: { load_s } or { rebuild_s, answers: [{ rows, warm_ms }…] }.
const fs = require('fs')
const path = require('path')
const o = require('ssb-db2/operators')
const fullMentions = require('ssb-db2/operators/full-mentions')

const RUNS = 21
const PAGE = 50
const caps = { shs: '1KHLiKZvAvjbY1ziZEHMXawbCEIM6qwjCDm3VYRan/s=' }
const later = f => new Promise((resolve, reject) => f((e, v) => e ? reject(e) : resolve(v)))
const seconds = t0 => Number(process.hrtime.bigint() - t0) / 1e9

function open (folder) {
  return require('secret-stack')({ caps }).use(require('ssb-db2')).use(require('ssb-db2/compat')).use(require('ssb-db2/full-mentions')).use(require('ssb-friends'))
    .call(null, { path: folder, keys: require('ssb-keys').loadOrCreateSync(path.join(folder, 'secret')), caps, connections: { incoming: {}, outgoing: {} } })
}

async function load (file, folder) {
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  const values = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => { const m = JSON.parse(line); return m.value || m })
  const db = open(folder)
  const t0 = process.hrtime.bigint()
  for (let i = 0; i < values.length; i += 1000) await Promise.all(values.slice(i, i + 1000).map(v => later(cb => db.db.add(v, cb))))
  await later(cb => db.db.onDrain(() => cb()))
  const load_s = seconds(t0)
  await later(cb => db.close(true, cb))
  return { load_s }
}

// What is not its log is made from it.
function forget (folder) {
  const dir = path.join(folder, 'db2')
  for (const name of fs.readdirSync(dir)) if (!/^log\./.test(name)) fs.rmSync(path.join(dir, name), { recursive: true })
}

// A question as it is asked of ssb-db2: { type, author, root, vote, mentions,
// channel, word, newest }
function asker (db, q) {
  const page = q.newest ? [o.descending(), o.paginate(PAGE)] : []
  const run = async (...ops) => { const r = await db.db.query(...ops, o.toPromise()); return q.newest ? r.results : r }
  const where = op => () => run(o.where(op), ...page)
  if (q.word) return () => search(db, q.word)
  if (q.type) return where(o.type(q.type))
  if (q.author) return where(o.author(q.author))
  if (q.root) return where(o.hasRoot(q.root))
  if (q.vote) return where(o.votesFor(q.vote))
  if (q.mentions) return where(fullMentions(q.mentions))
  if (q.channel) return where(o.channel(q.channel))
  throw new Error('what?')
}

// It has no index of words: posts are read from the newest on.
async function search (db, word) {
  const hits = []
  const has = new RegExp(`\\b${word}\\b`, 'i')
  const pages = db.db.query(o.where(o.type('post')), o.descending(), o.batch(PAGE), o.toAsyncIter())
  for await (const m of pages) {
    if (has.test(m.value.content.text) && hits.push(m) === PAGE) break
  }
  return hits
}

async function ask (folder, questions) {
  forget(folder)
  const t0 = process.hrtime.bigint()
  const db = open(folder)
  await later(cb => db.db.onDrain(() => cb()))
  const askers = questions.map(q => asker(db, q))
  for (const f of askers) await f()
  const rebuild_s = seconds(t0)
  const answers = []
  for (const f of askers) {
    const times = []
    let rows
    for (let i = 0; i < RUNS; i++) {
      const t = process.hrtime.bigint()
      rows = (await f()).length
      times.push(seconds(t) * 1e3)
    }
    answers.push({ rows, warm_ms: times.sort((a, b) => a - b)[RUNS >> 1] })
  }
  return { rebuild_s, answers }
}

const [, , what, ...args] = process.argv
const job = what === 'load' ? load(...args) : ask(args[0], JSON.parse(fs.readFileSync(args[1], 'utf8')))
job.then(r => { console.log(JSON.stringify(r)); process.exit(0) }, e => { console.error(e); process.exit(1) })
