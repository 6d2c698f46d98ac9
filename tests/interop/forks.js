'use strict'
// Forked feeds: two npm peers hold two branches of one feed. kithd keeps a
// proof, goes on with everything else, and gives nobody what lies beyond.
const fs = require('fs')
const { start } = require('./driver')
const { main } = require('./harness')
const { next } = require('./classic')
const { ebt, note } = require('./ebt')
const { identity, STREAM, JSONBODY, END } = require('./wire')

const post = text => ({ type: 'post', text })

// A feed of `common` messages, then two branches up to the lengths given.
function branches (self, common, ...lengths) {
  const stem = []
  for (let i = 1; i <= common; i++) stem.push(next(self, stem[i - 2] || null, post(`common ${i}`)))
  return lengths.map((n, k) => {
    const all = [...stem]
    while (all.length < n) all.push(next(self, all[all.length - 1] || null, post(`branch ${k}, message ${all.length + 1}`)))
    return all
  })
}

function write (t, name, values) {
  const file = t.dir(name)
  fs.writeFileSync(file, values.map(v => JSON.stringify({ key: '', value: v, timestamp: 1 }) + '\n').join(''))
  return file
}

const list = async k => (await k.kith('forks', '--json')).stdout.split('\n').filter(Boolean).map(JSON.parse)

// The proof printed for a place, checked on another home.
async function assertProof (t, what, k, self, sequence, one, other) {
  const proof = await k.kith('forks', '--proof', `${self.id}:${sequence}`)
  t.equal(`${what}: the proof is the two messages`, proof.stdout, JSON.stringify(one) + '\n' + JSON.stringify(other) + '\n')
  const file = t.dir(`${what.replace(/ /g, '-')}.ndjson`)
  fs.writeFileSync(file, proof.stdout)
  const elsewhere = await start('kith', { dir: t.dir(`elsewhere-${what.replace(/ /g, '-')}`) })
  t.equal(`${what}: it holds elsewhere`, (await elsewhere.kith('forks', '--verify', file)).code, 0)
  await elsewhere.quit()
}

// What a stranger with EBT and one without are given of the feed.
async function assertGiven (t, what, k, id, last) {
  const s = await ebt(k, identity())
  await t.until('the first notes', () => s.notes[id] !== undefined)
  t.equal(`${what}: notes tell no more`, s.notes[id] >> 1, last)
  s.send({ [id]: note(0) })
  await t.until('the messages', () => s.messages.filter(m => m.author === id).length === last)
  const old = await s.rpc.source('createHistoryStream', { id, seq: 1, keys: false })
  t.equal(`${what}: nor does a history stream`, old.filter(f => f.body && f.body.author).length, last)
  await s.rpc.call('manifest')
  t.equal(`${what}: nor does ebt send more`, s.messages.filter(m => m.author === id).length, last)
  s.rpc.destroy()
}

// Both npm peers hold a branch of their own; kithd meets one after the other.
async function twoPeers (t, kinds, common, lengths) {
  const name = `${kinds.join(' and ')}, ${common} of ${lengths.join(' and ')}`
  const self = identity()
  const [a, b] = branches(self, common, ...lengths)
  const k = await start('kith', { dir: t.dir(name.replace(/[ ,]+/g, '-')) })
  await k.cmd('follow', { id: self.id })
  const peers = await Promise.all(kinds.map((kind, i) => start(kind.split(' ')[0],
    { dir: t.dir(`${name.replace(/[ ,]+/g, '-')}-${i}`), 'no-ebt': kind.endsWith('no-ebt') })))
  for (const [i, p] of peers.entries()) {
    await k.cmd('follow', { id: p.id })
    await p.cmd('follow', { id: k.id })
    await p.cmd('request', { ids: [self.id, k.id] })
    await p.cmd('load', { file: write(t, `branch-${i}`, i ? b : a) })
  }
  await peers[0].cmd('connect', { addr: k.addr })
  await t.done(`${name}: the first branch is taken`, k.has(self.id, a.length))
  await peers[1].cmd('connect', { addr: k.addr })
  await t.done(`${name}: the fork is found`, t.until('the proof', async () => (await list(k)).some(m => m.seq === common + 1 && m.state === 'other')))
  const rows = (await list(k)).filter(m => m.seq === common + 1)
  t.equal(`${name}: who brought each is known`, rows.map(m => m.source).join(), peers.map(p => p.id).join())
  t.equal(`${name}: both follow the same`, rows[0].prev, rows[1].prev)
  t.ok(`${name}: feeds says so`, new RegExp(`forked.*${self.id.replace(/[+]/g, '\\+')}`).test((await k.kith('feeds')).stdout))
  await assertProof(t, name, k, self, common + 1, a[common], b[common])

  for (const p of peers) await p.cmd('publish', { content: post('and everything else goes on') })
  for (const p of peers) await t.done(`${name}: other feeds go on`, k.has(p.id, (await p.cmd('clock')).clock[p.id]))
  await assertGiven(t, name, k, self.id, common)
  await k.quit()
  await k.run()
  await assertGiven(t, `${name}, after a restart`, k, self.id, common)
  t.equal(`${name}: what is here stays`, (await k.cmd('feed', { id: self.id })).msgs.length, a.length)
  t.equal(`${name}: everything stored verifies`, (await k.kith('verify')).code, 0)
  await Promise.all([...peers, k].map(p => p.quit()))
}

// A peer repeats a message that we hold, and it is another; and one that sends
// forgeries for it is not listened to for long.
async function repeated (t) {
  const self = identity()
  const [ours, theirs] = branches(self, 2, 4, 4)
  const k = await start('kith', { dir: t.dir('repeated') })
  await k.cmd('follow', { id: self.id })
  for (const m of ours) await k.rpc.call('add', m)
  const liar = await ebt(k, identity())
  liar.send({ [self.id]: note(4) })
  await t.until('the first notes', () => liar.notes[self.id] !== undefined)
  for (let i = 0; i < 100; i++) liar.send({ ...theirs[2], timestamp: i })
  await liar.rpc.call('manifest')
  t.equal('forgeries are no evidence', (await list(k)).length, 0)
  t.ok('few of them are looked at', (await k.cmd('status')).ingest.refused <= 40)
  const s = await ebt(k, identity())
  s.send({ [self.id]: note(4) })
  await t.until('the first notes', () => s.notes[self.id] !== undefined)
  for (const m of ours) s.send(m)
  s.send(theirs[3])
  await t.done('a different repeat is a proof', t.until('the proof', async () => (await list(k)).some(m => m.seq === 4 && m.state === 'other')))
  await t.done('its peer is refused the feed', t.until('a refusal', () => s.notes[self.id] === -1))
  await assertGiven(t, 'repeated', k, self.id, 3)
  t.equal('what is kept is dropped', (await k.kith('forks', '--drop', self.id)).code, 0)
  await assertGiven(t, 'repeated, and dropped', k, self.id, 4)
  liar.rpc.destroy()
  s.rpc.destroy()
  await k.quit()
}

// A peer on another branch is asked for single messages, by halves. answer(s,
// frame, from) gets each call, and from which message on it asks.
async function asked (t, what, answer, done) {
  const self = identity()
  const [ours, theirs] = branches(self, 700, 1000, 1001)
  const k = await start('kith', { dir: t.dir(what.replace(/ /g, '-')) })
  await k.cmd('follow', { id: self.id })
  await k.cmd('load', { file: write(t, `${what}-ours`, ours) })
  const calls = []
  let s
  s = await ebt(k, identity(), undefined, f => {
    if (f.flags & END) calls.ended = (calls.ended || 0) + 1
    if (!f.body || `${f.body.name}` !== 'createHistoryStream' || f.body.args[0].id !== self.id) return
    calls.push(f.body.args[0].seq)
    answer(s, f.request, f.body.args[0].seq, theirs)
  })
  s.send({ [self.id]: note(1001) })
  await t.until('the first notes', () => s.notes[self.id] !== undefined)
  s.send(theirs[1000])
  await t.done(`${what}: another branch is refused`, t.until('a refusal', () => s.notes[self.id] === -1))
  await done(k, s, calls, { self, ours, theirs })
  t.equal(`${what}: kithd goes on`, (await k.kith('status')).code, 0)
  s.rpc.destroy()
  await k.quit()
}

const item = (s, request, value) => s.rpc.send(STREAM | JSONBODY, -request, value)

// Our own feed, written elsewhere too: frozen, proven, not spread past.
async function own (t) {
  const k = await start('kith', { dir: t.dir('own') })
  for (const text of ['one', 'two', 'three']) await k.cmd('publish', { content: post(text) })
  const mine = (await k.cmd('feed')).msgs.map(m => m.value)
  const text = fs.readFileSync(`${k.home}/secret`, 'utf8').replace(/^#.*$/gm, '')
  const key = { ...identity(Buffer.from(JSON.parse(text).private.slice(0, -8), 'base64').subarray(0, 32)), id: k.id }
  const s = await ebt(k, identity())
  s.send({ [k.id]: note(3) })
  await t.until('the first notes', () => s.notes[k.id] !== undefined)
  const two = next(key, mine[0], post('another two'))
  s.send(two)
  await t.done('own: publishing is frozen', t.until('the freeze', async () => (await k.cmd('status')).publish.state === 'frozen'))
  await assertProof(t, 'own', k, { id: k.id }, 2, mine[1], two)
  await assertGiven(t, 'own', k, k.id, 1)
  s.rpc.destroy()
  await k.quit()
}

main(async t => {
  await twoPeers(t, ['legacy', 'modern'], 2, [4, 9])
  await twoPeers(t, ['modern', 'legacy'], 12, [40, 41])
  await twoPeers(t, ['modern', 'legacy no-ebt'], 3, [5, 8])
  await repeated(t)
  await asked(t, 'by halves', (s, request, from, theirs) => {
    for (const m of theirs.slice(from - 1, from + 9)) item(s, request, m)
  }, async (k, s, calls, { self, ours, theirs }) => {
    await t.done('by halves: the place is found', t.until('the proof', async () => (await list(k)).some(m => m.seq === 701 && m.state === 'other')))
    t.ok(`by halves: by few calls (${calls})`, calls.length <= 12)
    await assertProof(t, 'by halves', k, self, 701, ours[700], theirs[700])
    t.ok('by halves: few proofs are kept', (await list(k)).length <= 9)
  })
  await asked(t, 'answered with others', (s, request, from, theirs) => {
    for (let i = 0; i < 3; i++) for (const m of theirs) if (m.sequence !== from) item(s, request, m)
  }, async (k, s, calls) => {
    await t.done('answered with others: it is given up', t.until('the end', () => calls.ended))
    t.equal('answered with others: asked once', calls.length, 1)
    t.equal('answered with others: a branch is no proof', (await list(k)).map(m => m.state).join(), 'branch')
  })
  await asked(t, 'answered with junk', (s, request, from, theirs) => {
    item(s, request, { ...theirs[from - 1], content: { type: 'post', text: 'forged' } })
    item(s, request, [1, 2])
  }, async (k, s, calls) => {
    await t.done('answered with junk: it is given up', t.until('the end', () => calls.ended))
    t.equal('answered with junk: a branch is no proof', (await list(k)).map(m => m.state).join(), 'branch')
    t.ok('answered with junk: the feed is not marked', !/forked/.test((await k.kith('feeds')).stdout))
  })
  await own(t)
})
