'use strict'
// The queries of existing clients, beside what an npm server with ssb-db and
// ssb-query answers on the same data: the same items, whatever their order
// where each goes by its own clock of receipt.
const { start } = require('./driver')
const { main } = require('./harness')
const { load } = require('./dataset')
const fs = require('fs')

const MESSAGES = 2000
const ALL = 1000000

// When something was received differs; what npm opens for its own key does not
// concern us, for no message here is for it.
const strip = item => {
  if (!item || typeof item !== 'object') return item
  const { timestamp, ...rest } = item
  return item.key && item.value ? rest : item
}
const text = items => items.map(i => JSON.stringify(strip(i)))
const sorted = items => text(items).sort()

async function compare (t, kith, npm, what, method, args, inOrder) {
  const ours = await kith.rpc.source(method, ...args).then(frames => frames.map(f => f.body))
  const theirs = (await npm.cmd('source', { method: method.split('.'), args, limit: ALL })).values
  const [got, want] = inOrder ? [text(ours), text(theirs)] : [sorted(ours), sorted(theirs)]
  const at = want.findIndex((w, i) => w !== got[i])
  if (!t.ok(`${what}: ${want.length} items`, got.length === want.length && at < 0)) {
    t.note(`${got.length} items; at ${at}: got ${got[at]}\n  want ${want[at]}`)
  }
  return want.length
}

main(async t => {
  const data = load(10000)
  const values = data.values.slice(0, MESSAGES)
  const file = t.dir('messages.ndjson')
  fs.mkdirSync(t.dir(''), { recursive: true })
  fs.writeFileSync(file, values.map(value => JSON.stringify({ value }) + '\n').join(''))
  const count = new Map()
  const tally = (kind, id) => { if (typeof id === 'string') count.set(kind + id, (count.get(kind + id) || 0) + 1) }
  for (const { author, content } of values) {
    tally('author ', author)
    tally('root ', content.root)
    if (content.vote) tally('vote ', content.vote.link)
    tally('contact ', content.contact)
  }
  const most = kind => [...count].filter(([k]) => k.startsWith(kind + ' ')).sort((a, b) => b[1] - a[1])[0][0].slice(kind.length + 1)
  const [author, root, voted, contact] = ['author', 'root', 'vote', 'contact'].map(most)

  const kith = await start('kith', { dir: t.dir('kith') })
  const npm = await start('legacy', { dir: t.dir('npm') })
  await kith.cmd('load', { file })
  await npm.cmd('load', { file })

  for (const type of ['post', 'vote', 'contact', 'about', 'none']) {
    await compare(t, kith, npm, `messagesByType ${type}`, 'messagesByType', [type])
  }
  await compare(t, kith, npm, 'messagesByType, values', 'messagesByType', [{ type: 'vote', keys: false }], true)
  await compare(t, kith, npm, 'messagesByType, newest', 'messagesByType', [{ type: 'post', reverse: true, limit: 7 }], true)
  await compare(t, kith, npm, 'messagesByType, keys', 'messagesByType', [{ type: 'post', values: false }], true)

  await compare(t, kith, npm, 'links to a root', 'links', [{ dest: root }])
  await compare(t, kith, npm, 'votes on a message', 'links', [{ dest: voted, rel: 'vote' }])
  await compare(t, kith, npm, 'links from a feed', 'links', [{ source: author }])
  await compare(t, kith, npm, 'links from a feed to feeds', 'links', [{ source: author, dest: 'feed' }])
  await compare(t, kith, npm, 'who says something of a feed', 'links', [{ dest: contact, rel: 'contact', values: true }])
  await compare(t, kith, npm, 'keys of links', 'links', [{ dest: root, meta: false }])
  await compare(t, kith, npm, 'all contacts', 'links', [{ rel: 'contact', source: '@', dest: '@' }])

  const read = (what, query, more = {}, inOrder = false) =>
    compare(t, kith, npm, `query.read ${what}`, 'query.read', [{ query, ...more }], inOrder)
  const value = pattern => ({ $filter: { value: pattern } })
  await read('of a type', [value({ content: { type: 'about' } })])
  await read('of an author and type', [value({ author, content: { type: 'post' } })])
  await read('of a thread', [value({ content: { root } })])
  await read('of an author, mapped', [value({ author }), { $map: { n: ['value', 'sequence'], type: ['value', 'content', 'type'] } }], {}, true)
  await read('by a range', [value({ author, sequence: { $gt: 10, $lte: 15 } }), { $map: ['value', 'sequence'] }], {}, true)
  await read('by a prefix', [value({ content: { type: { $prefix: 'co' } } }), { $map: ['key'] }])
  await read('by several', [value({ content: { type: { $in: ['vote', 'about'] } } }), { $map: ['key'] }])
  await read('counted by type', [{ $filter: { value: { content: { type: { $is: 'string' } } } } },
    { $reduce: { type: ['value', 'content', 'type'], n: { $count: true } } }], {}, true)
  await read('counted by author', [value({ content: { type: 'post' } }),
    { $reduce: { author: ['value', 'author'], n: { $count: true }, last: { $max: ['value', 'sequence'] } } }], {}, true)
  await read('as a string', JSON.stringify([value({ content: { type: 'about' } })]))
  await Promise.all([kith.quit(), npm.quit()])
})
