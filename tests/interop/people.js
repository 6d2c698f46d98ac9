'use strict'
// What views say of people, beside the answers of npm peers on the same data:
// hops from every feed (ssb-friends), names (ssb-about), votes (the operators
// of ssb-db2), threads (ssb-threads, ssb-sort). And beside plain loops.
//   PEOPLE=100000 people.js: hops, with who blocks whom, and names, on that
//   data set.
const { execFile } = require('child_process')
const fs = require('fs')
const path = require('path')
const pull = require('pull-stream')
const { start } = require('./driver')
const { main } = require('./harness')
const { load } = require('./dataset')
const { idOf, next } = require('./classic')
const { identity } = require('./wire')
const { build, kith } = require('./kith')

const N = Number(process.env.PEOPLE || 10000)
const HOPS = 3
const ANSWERS = path.join(build, 'tests/views/answers')

const answers = (home, ...args) => new Promise((resolve, reject) =>
  execFile(ANSWERS, [home, ...args], { maxBuffer: 1 << 30 }, (error, stdout) =>
    error ? reject(error) : resolve(stdout.split('\n').filter(Boolean).map(line => JSON.parse(line)))))
const call = f => new Promise((resolve, reject) => f((err, value) => err ? reject(err) : resolve(value)))
const collect = source => call(cb => pull(source, pull.collect(cb)))

// One more feed, of the one who looks: follows some, blocks some, names some.
function look (data) {
  const self = identity()
  const feeds = [...data.feeds.keys()].sort()
  const contents = []
  feeds.forEach((contact, i) => {
    if (i % 3 === 0) contents.push({ type: 'contact', contact, following: true })
    if (i % 29 === 7) contents.push({ type: 'contact', contact, blocking: true })
    if (i % 31 === 5) contents.push({ type: 'contact', contact, following: false })
    if (i % 10 === 0) contents.push({ type: 'about', about: contact, name: `number ${i}` })
    if (i % 20 === 0) contents.push({ type: 'about', about: contact, name: { remove: true } })
  })
  contents.push({ type: 'about', about: self.id, name: 'who looks' })
  const values = []
  for (const content of contents) values.push(next(self, values[values.length - 1] || null, content))
  return { self, values }
}

const keysOf = self => ({ curve: 'ed25519', id: self.id, public: self.id.slice(1), private: self.secretKey.toString('base64') + '.ed25519' })

async function npm (dir, self, values) {
  fs.mkdirSync(dir, { recursive: true })
  const sbot = require('secret-stack')({ caps: require('ssb-caps') })
    .use(require('ssb-db2'))
    .use(require('ssb-friends'))
    .use(require('ssb-about'))
    .use(require('ssb-threads'))
    .call(null, {
      path: dir,
      keys: keysOf(self),
      friends: { hops: HOPS },
      connections: { incoming: {}, outgoing: {} }
    })
  // ssb-social-index was written for an older form of this call
  const { query } = sbot.db
  const { where } = sbot.db.operators
  sbot.db.query = (first, ...rest) => query(typeof first === 'object' ? where(first) : first, ...rest.filter(Boolean))
  const batch = 500
  for (let i = 0; i < values.length; i += batch) {
    await call(cb => sbot.db.addOOOBatch(values.slice(i, i + batch), cb))
  }
  await call(cb => sbot.db.onDrain('contacts', () => cb()))
  await call(cb => sbot.db.onDrain('base', () => cb()))
  return sbot
}

// Ours of a feed out of reach has no number, theirs one below -1.
async function hops (t, home, sbot) {
  let wrong = 0
  const lines = await answers(home, 'hops')
  for (const { start, hops } of lines) {
    const theirs = await call(cb => sbot.friends.hops({ start, max: HOPS }, cb))
    const want = Object.entries(theirs).filter(([, d]) => d >= -1 && d <= HOPS).sort()
    const got = Object.entries(hops).sort()
    if (JSON.stringify(want) === JSON.stringify(got)) continue
    if (!wrong++) t.note(`${start}: want ${JSON.stringify(want).slice(0, 200)} got ${JSON.stringify(got).slice(0, 200)}`)
  }
  t.equal(`hops from each of ${lines.length} feeds, and whom they block, are those of ssb-friends`, wrong, 0)
}

// As protocol/13 section 5 has it, from the words that ssb-about has.
function resolve (words, self, dest, follows) {
  if (typeof words[self] === 'string') return words[self]
  if (typeof words[dest] === 'string') return words[dest]
  const heads = {}
  for (const author in words) if (follows[author] > 0 && typeof words[author] === 'string') heads[words[author]] = (heads[words[author]] || 0) + 1
  const best = Object.keys(heads).sort((a, b) => heads[b] - heads[a] || (a < b ? -1 : 1))
  return best[0] === undefined ? null : best[0]
}

const shown = name => name && Array.from(name.replace(/^@+/, '').trim().replace(/\s+/g, ' ')).join('').slice(0, 50).trim()

async function names (t, home, sbot) {
  const blocks = Object.entries((await call(cb => sbot.friends.graph(cb)))[sbot.id]).filter(([, v]) => v === -1).map(([id]) => id)
  const follows = (await call(cb => sbot.friends.graph(cb)))[sbot.id]
  let words = 0
  let social = 0
  let name = 0
  let n = 0
  for (const line of await answers(home, 'names', sbot.id)) {
    const key = line.member
    const said = await call(cb => sbot.about.socialValues({ key, dest: line.of }, cb))
    const kept = Object.fromEntries(Object.entries(said).filter(([author, v]) => !blocks.includes(author) && !v.remove))
    n += Object.keys(kept).length
    if (JSON.stringify(Object.entries(kept).sort()) !== JSON.stringify(Object.entries(line.words).sort())) words++
    // those whom the viewer blocks count there
    const theirs = await call(cb => sbot.about.socialValue({ key, dest: line.of }, cb))
    if (Object.keys(kept).length === Object.keys(said).length && JSON.stringify(theirs) !== JSON.stringify(line.social)) {
      if (!social++) t.note(`${key} of ${line.of}: want ${JSON.stringify(theirs)} got ${JSON.stringify(line.social)}`)
    }
    if (key === 'name' && shown(resolve(kept, sbot.id, line.of, follows)) !== line.name) {
      if (!name++) t.note(`${line.of}: want ${resolve(kept, sbot.id, line.of, follows)} got ${line.name}`)
    }
  }
  t.equal(`the ${n} words on names, images and descriptions are those of ssb-about`, words, 0)
  t.equal('its social values are ours', social, 0)
  t.equal('names are what the rule makes of them', name, 0)
  t.ok('there are some', n > 10)
}

async function votes (t, home, sbot) {
  const { where, type, toPromise } = require('ssb-db2/operators')
  const follows = (await call(cb => sbot.friends.graph(cb)))[sbot.id]
  const newest = new Map()
  const stored = new Set((await sbot.db.query(toPromise())).map(m => m.key))
  for (const { value } of await sbot.db.query(where(type('vote')), toPromise())) {
    const { vote } = value.content
    if (!vote || !stored.has(vote.link) || follows[value.author] === -1) continue
    const of = `${value.author} ${vote.link}`
    if (!newest.has(of) || newest.get(of).sequence < value.sequence) newest.set(of, value)
  }
  const want = {}
  for (const { content } of newest.values()) {
    const { link, value } = content.vote
    want[link] = want[link] || { up: 0, down: 0 }
    if (value > 0) want[link].up++
    if (value < 0) want[link].down++
  }
  const got = {}
  for (const { on, up, down } of await answers(home, 'votes', sbot.id)) got[on] = { up, down }
  const list = o => JSON.stringify(Object.entries(o).filter(([, v]) => v.up || v.down).sort())
  t.ok(`the votes on ${Object.keys(got).length} messages are those of ssb-db2`, list(want) === list(got) && Object.keys(got).length > 10)
}

async function threads (t, home, sbot, values) {
  const sort = require('ssb-sort')
  const byId = new Map(values.map(v => [idOf(v), v]))
  let wrong = 0
  let tips = 0
  let order = 0
  let largest = 0
  const lines = await answers(home, 'threads', sbot.id)
  for (const { root, messages, tips: heads } of lines) {
    const [thread] = await collect(sbot.threads.thread({ root, blocklist: ['vote'] })).catch(e => [])
    const ours = messages.filter(id => id === root || byId.get(id).content.root === root).sort()
    const theirs = thread ? thread.messages.map(m => m.key).sort() : ours
    if (ours.join() !== theirs.join()) wrong++
    const set = messages.map(key => ({ key, value: byId.get(key), timestamp: 0 }))
    if (sort.heads(set).join() !== heads.slice().sort().join()) tips++
    // none stands before what it links to
    messages.forEach((id, i) => {
      const later = new Set(messages.slice(i + 1))
      const text = JSON.stringify(byId.get(id))
      for (const other of later) if (text.includes(`"${other}"`)) order++
    })
    largest = Math.max(largest, messages.length)
  }
  t.equal(`${lines.length} threads, the largest of ${largest}, are those of ssb-threads`, wrong, 0)
  t.equal('their tips are the heads of ssb-sort', tips, 0)
  t.equal('no message stands before what it links to', order, 0)
  t.ok('there are threads', largest > 3)
}

const differences = (want, got) => want && got && typeof want === 'object'
  ? [...new Set([...Object.keys(want), ...Object.keys(got)])].filter(k => JSON.stringify(want[k]) !== JSON.stringify(got[k])).slice(0, 3)
    .map(k => `${k}: want ${JSON.stringify(want[k])} got ${JSON.stringify(got[k])}`).join('; ')
  : `want ${JSON.stringify(want)} got ${JSON.stringify(got)}`

// The same over kithd's methods.
async function methods (t, dir, sbot, data) {
  const k = await start('kith', { dir, hops: HOPS })
  const feeds = [sbot.id, ...data.feeds.keys()]
  const sorted = v => v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort().map(([k, x]) => [k, sorted(x)])) : v
  const list = v => JSON.stringify(v === undefined ? null : sorted(v))
  const same = async (what, f) => {
    let wrong = 0
    for (const [args, theirs] of f) {
      const got = await k.rpc.call(what, ...args)
      const want = await call(theirs)
      if (list(got) !== list(want) && wrong++ < 9) t.note(`${what} ${JSON.stringify(args)}: ${differences(want, got)}`)
    }
    t.equal(`${what} answers as npm peers do`, wrong, 0)
  }
  t.equal('kithd looks as the same one', (await k.rpc.call('whoami')).id, sbot.id)
  await same('friends.hops', [[[], cb => sbot.friends.hops(cb)]])
  // of its own map an npm peer cuts off what is further, in place of looking again
  await same('friends.hops', feeds.slice(1).map(start => [[{ start, max: 2 }], cb => sbot.friends.hops({ start, max: 2 }, cb)]))
  await same('friends.graph', [[[], cb => sbot.friends.graph(cb)]])
  const pairs = feeds.slice(0, 40).map((dest, i) => ({ source: i % 2 ? sbot.id : feeds[40 - i], dest }))
  await same('friends.isFollowing', pairs.map(pair => [[pair], cb => sbot.friends.isFollowing(pair, cb)]))
  await same('friends.isBlocking', pairs.map(pair => [[pair], cb => sbot.friends.isBlocking(pair, cb)]))
  const { friends } = sbot
  const graph = await call(cb => friends.graph(cb))
  const truth = v => v === undefined || v === -2 ? null : v > 0
  await same('friends.get', pairs.map(pair => [[pair], cb => cb(null, truth((graph[pair.source] || {})[pair.dest]))]))
  // a value that was taken back counts there until somebody gives another
  const removed = new Set((await collect(sbot.db.query(sbot.db.operators.where(sbot.db.operators.author(sbot.id)), sbot.db.operators.toPullStream())))
    .map(m => m.value.content).filter(c => c.name && c.name.remove).map(c => c.about))
  // and those whom the viewer blocks count there
  const told = feeds.filter(id => !removed.has(id) && (graph[sbot.id] || {})[id] !== -1).slice(0, 50)
  const dests = told.flatMap(dest => ['name', 'image'].map(key => ({ dest, key })))
  await same('about.latestValue', dests.map(o => [[o], cb => sbot.about.latestValue(o, cb)]))
  await same('about.latestValues', told.map(dest => ({ dest, keys: ['name', 'image', 'none'] })).map(o => [[o], cb => sbot.about.latestValues(o, cb)]))
  for (const bad of [[], ['@x'], [{ source: 7, dest: feeds[1] }]]) {
    const error = await k.rpc.call('friends.isFollowing', ...bad).catch(e => e)
    t.ok(`friends.isFollowing of ${JSON.stringify(bad)} is refused`, error instanceof Error)
  }
  await k.quit()
}

// Streams say what changes while they are watched, and names follow at once.
async function live (t) {
  const k = await start('kith', { dir: t.dir('live') })
  const friend = identity()
  const items = { hops: [], edges: [] }
  k.rpc.stream('source', 'friends.hopStream', [{ live: true, old: true }], f => f && items.hops.push(f.body))
  k.rpc.stream('source', 'friends.stream', [{}], f => f && items.edges.push(f.body))
  await t.until('what there is', () => items.hops.length && items.edges.length)
  await k.cmd('follow', { id: friend.id })
  await t.done('a follow is told to who watches hops', t.until('it', () => items.hops.length > 1))
  t.equal('as what changed', JSON.stringify(items.hops), JSON.stringify([{ [k.id]: 0 }, { [friend.id]: 1 }]))
  t.equal('and the edge to who watches edges', JSON.stringify(items.edges), JSON.stringify([{}, { from: k.id, to: friend.id, value: true }]))
  await k.rpc.call('publish', { type: 'about', about: friend.id, name: 'Amiga' })
  t.equal('a name is known when it is published', await k.rpc.call('names.getSignifier', friend.id), 'Amiga')
  t.equal('and its value', await k.rpc.call('about.socialValue', { key: 'name', dest: friend.id }), 'Amiga')
  t.equal('who has none is called by the id', await k.rpc.call('names.getSignifier', k.id), k.id)
  await k.quit()
}

main(async t => {
  const data = load(N)
  const { self, values } = look(data)
  const home = t.dir('kith/home')
  const file = t.dir('look.ndjson')
  fs.mkdirSync(t.dir('kith'), { recursive: true })
  fs.writeFileSync(file, values.map(v => JSON.stringify(v) + '\n').join(''))
  const secret = t.dir('secret')
  fs.writeFileSync(secret, JSON.stringify(keysOf(self)))
  await kith(home, 'init', '--secret', secret)
  const r = await kith(home, 'import', data.file, file)
  t.ok('the data set is imported', r.code === 0)
  const all = data.values.concat(values)
  const social = all.filter(v => v.content.type === 'contact' || v.content.type === 'about')
  const sbot = await npm(t.dir('npm'), self, N > 10000 ? social : all)
  await hops(t, home, sbot)
  await names(t, home, sbot)
  if (N <= 10000) {
    await votes(t, home, sbot)
    await threads(t, home, sbot, all)
    for (const part of await answers(home, 'oracle', self.id)) t.ok(`${Object.keys(part)[0]} are as plain loops have them`, Object.values(part)[0])
    await methods(t, t.dir('kith'), sbot, data)
    await live(t)
  }
  await call(cb => sbot.close(true, () => cb()))
})
