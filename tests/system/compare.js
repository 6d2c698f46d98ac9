#!/usr/bin/env node
'use strict'
// Clocks, differences and plans: of stores, files and live peers that have
// feeds which are equal, ahead, behind, forked, or at one of them only.
const fs = require('fs')
const path = require('path')
const { start } = require('../interop/driver')
const { idOf, next, posts } = require('../interop/classic')
const { main } = require('../interop/harness')
const { kith } = require('../interop/kith')
const { identity } = require('../interop/wire')

const COMMON = 700
const HMAC = Buffer.alloc(32, 5).toString('base64')

const lines = feeds => feeds.flat().map(m => JSON.stringify(m)).join('\n') + '\n'
const records = out => out.split('\n').filter(Boolean).map(JSON.parse)

// What is in both homes: { name: { id, a: messages, b: messages } }
function feeds () {
  const self = {}
  for (const name of ['equal', 'ahead', 'behind', 'forked', 'onlyA', 'onlyB']) self[name] = identity()
  const both = { equal: posts(self.equal, [], 5, 'equal') }
  const ahead = posts(self.ahead, [], 11, 'ahead')
  const more = content => ahead.push(next(self.ahead, ahead[ahead.length - 1], content))
  more({ type: 'about', about: self.ahead.id, name: 'Early' })
  more({ type: 'about', about: self.ahead.id, name: 'Late' })
  more({ type: 'contact', contact: self.equal.id, following: true })
  posts(self.ahead, ahead, 16, 'ahead')
  const behind = posts(self.behind, [], 9, 'behind')
  const common = posts(self.forked, [], COMMON, 'common')
  const out = {
    equal: { a: both.equal, b: both.equal },
    ahead: { a: ahead, b: ahead.slice(0, 12) },
    behind: { a: behind.slice(0, 2), b: behind },
    forked: { a: posts(self.forked, common.slice(), 300, 'on the laptop'), b: posts(self.forked, common.slice(), 301, 'on the telephone') },
    onlyA: { a: posts(self.onlyA, [], 3, 'only a'), b: [] },
    onlyB: { a: [], b: posts(self.onlyB, [], 4, 'only b') }
  }
  for (const name in out) out[name].id = self[name].id
  return out
}

const STATES = { equal: 'equal', ahead: 'ahead', behind: 'behind', forked: 'diverged', onlyA: 'only-a', onlyB: 'only-b' }

// Each feed's verdict is as the files say, looked at from either side.
function assertDiff (t, what, r, all, turned) {
  const rows = records(r.stdout)
  const sum = rows.pop()
  const turn = { ahead: 'behind', behind: 'ahead', 'only-a': 'only-b', 'only-b': 'only-a' }
  t.equal(`${what}: exit`, r.code, 1)
  for (const name in all) {
    const row = rows.find(x => x.feed === all[name].id) || {}
    const want = turned ? turn[STATES[name]] || STATES[name] : STATES[name]
    t.equal(`${what}: ${name}`, row.state, want)
  }
  const row = rows.find(x => x.feed === all.forked.id) || {}
  const ids = [idOf(all.forked.a[COMMON]), idOf(all.forked.b[COMMON])]
  if (turned) ids.reverse()
  t.equal(`${what}: where it parts`, `${row.same} ${row.at} ${row.id_a} ${row.id_b}`, `${COMMON} ${COMMON + 1} ${ids.join(' ')}`)
  t.equal(`${what}: nothing is wrong with it`, row.problem, undefined)
  t.equal(`${what}: one fork`, sum.diverged, 1)
  return { rows, sum }
}

async function stores (t, a, b, all, files) {
  const d = (...args) => kith(a, 'diff', '--json', ...args)
  assertDiff(t, 'two stores', await d('--all', `store:${a}`, `store:${b}`), all)
  assertDiff(t, 'and turned', await d('--all', `store:${b}`, `store:${a}`), all, true)
  assertDiff(t, 'this home and a store', await d('--all', b), all)
  assertDiff(t, 'a store and a file', await d('--all', a, files.b), all)
  assertDiff(t, 'two files', await d('--all', files.a, files.b), all)
  t.equal('a store equals itself', (await d(a, a)).code, 0)
  t.equal('and the file that was read into it', (await d('--feeds', Object.values(all).map(f => f.id).join(), a, files.a)).code, 0)

  const one = records((await d('--feeds', all.ahead.id.slice(0, 12), '--messages', '--bytes', a, b)).stdout)
  const listed = one.filter(r => r.id).map(r => r.id)
  t.equal('what only one has is listed', listed.join(), all.ahead.a.slice(12).map(idOf).join())
  const bytes = all.ahead.a.slice(12).reduce((n, m) => n + Buffer.byteLength(JSON.stringify(m)), 0)
  t.equal('with its bytes', one[0].bytes_a, bytes)
  t.equal('and the others are left out', one[one.length - 1].behind, 0)

  const text = (await kith(a, 'diff', a, b)).stdout
  t.ok('a person reads where it parts', text.includes(`diverged at ${COMMON + 1}`))
  t.ok('and who has more', /A has 18 more/.test(text) && /B has 7 more/.test(text) && /only B, 4 messages/.test(text))

  const clock = (await kith(a, 'clock', `store:${b}`)).stdout
  for (const name in all) {
    const want = all[name].b.length
    t.equal(`clock of ${name}`, clock.includes(`${all[name].id} ${want}\n`), want > 0)
  }
  t.equal('the clock of a file is that of the store', clock.split('\n').sort().filter(l => files.textB.includes(l.split(' ')[0])).join('\n'),
    (await kith(a, 'clock', files.b)).stdout.split('\n').sort().join('\n'))
}

// What falls out of the messages that only one has.
async function views (t, a, b, all, files) {
  for (const [one, other] of [[`store:${a}`, `store:${b}`], [a, files.b], [files.a, files.b]]) {
    const r = await kith(a, 'diff', '--views', '--json', one, other)
    const rows = records(r.stdout).filter(x => x.view)
    t.equal('views: what differs', rows.map(x => `${x.view} ${x.feed} ${x.of} ${x.a} ${x.b}`).sort().join(),
      [`contacts ${all.ahead.id} ${all.equal.id} follow none`, `names ${all.ahead.id} undefined Late Early`].join())
  }
  const same = await kith(a, 'diff', '--views', a, a)
  t.equal('views: nothing differs from itself', `${same.code} ${same.stdout.split('\n').slice(-2)[0]}`, '0 0 contacts and names differ')
}

async function forks (t, a, b, all, files) {
  for (const [one, other] of [[`store:${a}`, `store:${b}`], [a, files.b], [files.a, files.b]]) {
    const r = await kith(a, 'forks', '--find', '--json', one, other)
    const rows = records(r.stdout)
    t.equal('forks --find: exit', r.code, 1)
    t.equal('forks --find: both messages', rows.map(x => `${x.seq} ${x.id}`).join(),
      ['a', 'b'].map(side => `${COMMON + 1} ${idOf(all.forked[side][COMMON])}`).join())
  }
  t.equal('forks --find: none in the same', (await kith(a, 'forks', '--find', a, a)).code, 0)
}

async function peer (t, k, a, b, all) {
  const source = `peer:${k.addr}`
  for (const name in all) await k.cmd('follow', { id: all[name].id })
  const r = await kith(a, 'diff', '--json', '--all', a, source)
  const { sum } = assertDiff(t, 'a live peer', r, all)
  const single = records((await kith(a, 'diff', '--json', '--feeds', all.forked.id, a, source)).stdout).pop()
  t.ok(`a live peer: few questions (${single.asked_b})`, single.asked_b <= Math.ceil(Math.log2(COMMON + 300)) + 4)
  const others = records(r.stdout).filter(x => x.feed && !Object.values(all).some(f => f.id === x.feed))
  t.ok('a live peer: what it does not tell is unknown, not missing', sum.unknown === others.filter(x => x.state === 'unknown').length && others.every(x => x.state !== 'only-a'))
  const mine = (await kith(b, 'clock')).stdout.split('\n').filter(l => Object.values(all).some(f => f.b.length && l.startsWith(f.id)))
  const told = (await kith(a, 'clock', source)).stdout.split('\n')
  t.ok('a live peer: it tells its clock', mine.length === 5 && mine.every(l => told.includes(l)))
  const found = records((await kith(a, 'forks', '--find', '--json', source, a)).stdout)
  t.equal('a live peer: forks --find', found.map(x => x.seq).join(), `${COMMON + 1},${COMMON + 1}`)

  const read = records((await kith(a, '--from', source, 'log', '--json', '--limit', 'all', all.behind.id)).stdout)
  t.equal('a live peer: --from reads what it has', read.map(m => m.id).join(), all.behind.b.map(idOf).join())

  const plan = records((await kith(a, 'sync-plan', '--json', source)).stdout)[0]
  t.equal('sync-plan: nothing in reach comes in', plan.in, 0)
  t.ok('sync-plan: what is out of reach is said', plan.far >= 7 + 4 + 1)
  for (const name of ['behind', 'onlyB', 'ahead', 'forked']) await kith(a, 'follow', all[name].id)
  const near = records((await kith(a, 'sync-plan', '--json', source)).stdout)[0]
  t.equal('sync-plan: what would come in', near.in, 7 + 4 + 1)
  t.equal('sync-plan: of so many feeds', near.in_feeds, 3)
  t.equal('sync-plan: and go out', near.out, 18)
  t.equal('sync-plan: with its bytes', near.out_bytes, all.ahead.a.slice(12).reduce((n, m) => n + Buffer.byteLength(JSON.stringify(m)), 0))
  t.equal('sync-plan: nothing moved', (await kith(a, 'clock', '--feeds', all.behind.id)).stdout, `${all.behind.id} 2\n`)
  t.ok('the peer is well', (await k.cmd('status')).publish)
}

async function stick (t, a, b, all) {
  const dir = t.dir('stick')
  fs.mkdirSync(dir)
  for (const name in all) await kith(b, 'follow', all[name].id)
  await kith(b, 'sync', dir)
  const plan = records((await kith(a, 'sync-plan', '--json', dir)).stdout)[0]
  const trial = records((await kith(a, 'sync', '--dry-run', '--json', dir)).stdout)[0]
  t.equal('sync-plan of a stick is what a dry run says', JSON.stringify([plan.in, plan.in_bytes, plan.out]), JSON.stringify([trial.in, trial.in_bytes, trial.out]))
  t.ok('sync-plan of a stick: something', plan.in > 0)
  assertDiff(t, 'a store and a depot', await kith(a, 'diff', '--json', '--all', '--feeds', Object.values(all).map(f => f.id).join(), a, `depot:${path.join(dir, 'ssbstick')}`), all)
}

async function networks (t, a) {
  const other = t.dir('other')
  await kith(other, 'init')
  fs.writeFileSync(path.join(other, 'config'), JSON.stringify({ caps: { sign: HMAC } }))
  await kith(other, 'post', 'in another network')
  const refused = await kith(a, 'diff', a, other)
  t.equal('stores of other networks are not compared', refused.code, 2)
  t.ok('and it is said why', /different networks/.test(refused.stderr) && /--hmac/.test(refused.stderr))
  t.equal('nor with the key', (await kith(a, 'diff', '--hmac', HMAC, a, other)).code, 2)
  t.equal('of one network they are', (await kith(a, 'diff', '--hmac', HMAC, other, other)).code, 0)
}

async function misuse (t, a) {
  for (const [code, ...args] of [[2, 'diff'], [2, 'diff', a, a, a], [2, 'diff', '--feeds', 'alice', a, a], [4, 'diff', '--feeds', '@AAAAAAAAAA', a, a],
    [3, 'diff', a, '/nowhere'], [3, 'clock', 'store:/nowhere'], [2, 'clock', a, a], [3, 'diff', a, 'peer:net:127.0.0.1:1~shs:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    [2, 'diff', '--hmac', 'x', a, a], [2, 'sync-plan']]) {
    const r = await kith(a, ...args)
    t.equal(`kith ${args.join(' ').replace(a, 'A')}: exit`, r.code, code)
    t.ok('it says why', r.stderr.startsWith('kith: '))
  }
}

main(async t => {
  const all = feeds()
  const [a, b] = [t.dir('a'), t.dir('b/home')]
  const files = { a: t.dir('a.ndjson'), b: t.dir('b.ndjson') }
  for (const side of ['a', 'b']) fs.writeFileSync(files[side], lines(Object.values(all).map(f => f[side])))
  files.textB = fs.readFileSync(files.b, 'utf8')
  fs.mkdirSync(t.dir('b'))
  await kith(a, 'init')
  await kith(b, 'init')
  t.equal('the one is filled', (await kith(a, 'import', files.a)).code, 0)
  t.equal('and the other', (await kith(b, 'import', files.b)).code, 0)
  await stores(t, a, b, all, files)
  await views(t, a, b, all, files)
  await forks(t, a, b, all, files)
  await networks(t, a)
  await misuse(t, a)
  const k = await start('kith', { dir: t.dir('b'), hops: 2 })
  await peer(t, k, a, b, all)
  await k.quit()
  await stick(t, a, b, all)
})
