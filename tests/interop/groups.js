'use strict'
// A private group of one kithd and two npm members (ssb-tribes): founded by
// either kind, read and written both ways, with what was said before one came.
const { start, until } = require('./driver')
const { main } = require('./harness')
const { must } = require('./kith')

const npm = (p, method, ...args) => p.cmd('call', { method: ['tribes', method], args }).then(r => r.value)
const lines = text => text.split('\n').filter(Boolean).map(line => JSON.parse(line))

// What p reads of a message, opened.
const text = async (p, id) => (await p.cmd('get', { id, private: true })).msg.value.content.text
const reads = (p, id, what) => p.until(`to read "${what}"`, async () => await text(p, id) === what)

const say = {
  kith: async (p, group, text) => (await must(p.home, 'group', 'post', group, text)).trim(),
  legacy: async (p, group, text) => (await p.cmd('publish', { content: { type: 'post', text, recps: [group] } })).key
}
const log = async (p, group) => lines(await must(p.home, '--json', 'group', 'log', group)).map(m => m.content.text)
const same = (a, b) => JSON.stringify([...a].sort()) === JSON.stringify([...b].sort())

main(async t => {
  const kith = await start('kith', { dir: t.dir('kith') })
  const ann = await start('legacy', { dir: t.dir('ann'), tribes: true })
  const ben = await start('legacy', { dir: t.dir('ben'), tribes: true })
  const all = [kith, ann, ben]
  for (const p of all) for (const other of all) if (other !== p) await p.cmd('follow', { id: other.id })
  for (const p of [ann, ben]) await p.cmd('connect', { addr: kith.addr })
  for (const p of all) for (const other of all) await p.has(other.id, 2)

  const group = (await must(kith.home, 'group', 'create')).trim()
  const before = await say.kith(kith, group, 'before anybody came')
  await must(kith.home, 'group', 'invite', '--text', 'welcome', group, ann.id, ben.id)
  for (const p of [ann, ben]) {
    await t.done('npm takes the key of a group that kith founded', p.until('the group', async () => (await npm(p, 'list')).includes(group)))
    await t.done('and reads what was said before', reads(p, before, 'before anybody came'))
  }
  for (const p of all) {
    const what = `hello from ${p.id}`
    const id = await say[p.kind](p, group, what)
    for (const other of all) await t.done(`${p.kind} writes, ${other.kind} reads`, reads(other, id, what))
  }
  await t.done('kith reads it all by its commands', until('the log', async () => (await log(kith, group)).filter(s => /^hello|^before|^welcome/.test(s)).length === 5))
  const authors = await npm(ann, 'listAuthors', group)
  t.ok('npm has all three as members', same(authors, all.map(p => p.id)))
  t.ok('kith has, too', same(await kith.rpc.call('tribes.listAuthors', group), all.map(p => p.id)))

  const made = await npm(ann, 'create', {})
  const early = await say.legacy(ann, made.groupId, 'said early')
  await npm(ann, 'invite', made.groupId, [kith.id, ben.id], { text: 'come in' })
  await t.done('kith takes the key of a group that npm founded', kith.until('the group', async () => (await kith.rpc.call('tribes.list')).includes(made.groupId)))
  await t.done('and reads what was said before', reads(kith, early, 'said early'))
  // What comes while npm builds its indexes anew for a key, it may miss.
  await t.done('npm takes the key of a group that npm founded', ben.until('the group', async () => (await npm(ben, 'list')).includes(made.groupId)))
  const late = await say.kith(kith, made.groupId, 'said late')
  for (const p of [ann, ben]) await t.done('npm reads what kith says in it', reads(p, late, 'said late'))
  const { tangles } = (await ann.cmd('get', { id: late, private: true })).msg.value.content
  t.ok('kith stands in the tangle of the group', tangles.group.root === made.root && tangles.group.previous.length > 0 && !tangles.group.previous.includes(late))
  const found = lines(await must(kith.home, '--json', 'group', 'list'))
  t.ok('kith lists both groups, with their members', same(found.map(g => g.id), [group, made.groupId]) && found.every(g => g.members === 3))
  for (const p of all) await t.done('stops cleanly', async () => await p.quit() === 0)
})
