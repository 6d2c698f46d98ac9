'use strict'
// A store beside live npm peers: their clocks by what each of them offers, and
// where the feeds part that it has another branch of.
const fs = require('fs')
const { start } = require('./driver')
const { idOf, next, posts } = require('./classic')
const { main } = require('./harness')
const { kith, must } = require('./kith')
const { identity } = require('./wire')

const COMMON = 40
const records = out => out.split('\n').filter(Boolean).map(JSON.parse)

const file = (t, name, feeds) => {
  fs.writeFileSync(t.dir(name), feeds.flat().map(value => JSON.stringify({ key: '', value, timestamp: 1 }) + '\n').join(''))
  return t.dir(name)
}

// Claimed times in no order: ssb-db2 sends by them.
function unordered (self, n) {
  const feed = []
  for (let i = 0; i < n; i++) {
    feed.push(next(self, feed[i - 1] || null, { type: 'post', text: `unordered ${i}` }, m => { m.timestamp = 1700000000000 + (i * 7919) % 1000 }))
  }
  return feed
}

async function compare (t, name) {
  const dir = sub => `${name}-${sub}`
  const [forked, ahead, mixed] = [identity(), identity(), identity()]
  const common = posts(forked, [], COMMON, 'common')
  const [ours, theirs] = [posts(forked, common.slice(), 20, 'ours'), posts(forked, common.slice(), 21, 'theirs')]
  const long = posts(ahead, [], 12, 'ahead')
  const any = unordered(mixed, 30)
  const p = await start(name, { dir: t.dir(dir('peer')) })
  const home = t.dir(dir('home'))
  await must(home, 'init')
  await must(home, 'import', file(t, dir('ours'), [ours, long.slice(0, 5), any.slice(0, 20)]))
  await p.cmd('request', { ids: [forked.id, ahead.id, mixed.id] })
  await p.cmd('load', { file: file(t, dir('theirs'), [theirs, long, any]) })
  await t.done(`${name}: the peer has its branch`, p.has(forked.id, theirs.length))
  await p.has(mixed.id, any.length)

  const source = `peer:${p.addr}`
  const clock = records(await must(home, 'clock', '--json', source))
  const of = id => clock.find(x => x.feed === id) || {}
  t.equal(`${name}: its clock`, [forked, ahead, mixed].map(x => of(x.id).seq).join(), '61,12,30')

  const r = await kith(home, 'diff', '--json', source)
  const rows = records(r.stdout)
  const row = id => rows.find(x => x.feed === id) || {}
  t.equal(`${name}: it is not equal`, r.code, 1)
  t.equal(`${name}: where it parts`, `${row(forked.id).state} ${row(forked.id).at} ${row(forked.id).id_b}`,
    `diverged ${COMMON + 1} ${idOf(theirs[COMMON])}`)
  t.equal(`${name}: it is ahead`, `${row(ahead.id).state} ${row(ahead.id).more_b}`, 'behind 7')
  t.equal(`${name}: times in no order change nothing`, `${row(mixed.id).state} ${row(mixed.id).more_b}`, 'behind 10')
  const sum = rows.pop()
  t.ok(`${name}: few questions (${sum.asked_b})`, sum.asked_b <= Math.ceil(Math.log2(60)) + 3 + 2 * 3 + 3)

  const listed = records((await kith(home, 'diff', '--json', '--messages', '--feeds', mixed.id, source)).stdout).filter(x => x.id)
  t.equal(`${name}: what it has more is listed in order`, listed.map(x => x.id).join(), any.slice(20).map(idOf).join())
  const asked = async (...options) => records((await kith(home, 'diff', '--json', ...options, '--feeds', mixed.id, source)).stdout).pop().asked_b
  t.equal(`${name}: what is listed and counted is fetched once`, await asked('--messages', '--bytes'), await asked('--messages'))
  t.equal(`${name}: forks --find finds it`, records((await kith(home, 'forks', '--find', '--json', `store:${home}`, source)).stdout).length, 2)
  await p.quit()
}

// A peer that offers no clock: nothing is known, and nothing is said to lack.
async function silent (t) {
  const p = await start('legacy', { dir: t.dir('silent'), 'no-ebt': true })
  const home = t.dir('silent-home')
  const self = identity()
  await must(home, 'init')
  await must(home, 'import', file(t, 'silent-feed', [posts(self, [], 5, 'here')]))
  const clock = await kith(home, 'clock', `peer:${p.addr}`)
  t.ok('without a clock: it is said', clock.code === 0 && !clock.stdout && /does not say/.test(clock.stderr))
  const r = await kith(home, 'diff', '--json', `peer:${p.addr}`)
  t.equal('without a clock: unknown', records(r.stdout).map(x => x.state || x.unknown).join(), 'unknown,1')
  t.equal('without a clock: not equal', r.code, 1)
  await p.quit()
}

main(async t => {
  await compare(t, 'modern')
  await compare(t, 'legacy')
  await silent(t)
})
