'use strict'
// A first sync: a new node that follows some feeds of a large set gets those
// whole before the first message of any other, from each kind of peer, and says
// what is left. Meanwhile a local query answers, and in the end all is there.
const { start } = require('./driver')
const { main } = require('./harness')
const { load } = require('./dataset')
const { must } = require('./kith')
const { carry, choose } = require('./first-sync')

async function sync (t, kind, data) {
  const { near, far } = choose(data, 5)
  const sender = await start(kind, { dir: t.dir(kind) })
  await sender.cmd('request', { ids: [...data.feeds.keys()] })
  await sender.cmd('load', { file: data.file })
  const node = await start('kith', { dir: t.dir(`from-${kind}`), hops: 2 })
  await node.cmd('request', { ids: near })
  const seen = await carry(node, sender, data, near)
  t.ok(`from ${kind}: the followed feeds' newest posts are found after ${seen.posts_ms} ms, all after ${seen.all_ms} ms`, seen.posts_ms <= seen.all_ms)
  const order = (await must(node.home, 'log', '--limit', 'all', '--json')).split('\n').filter(Boolean)
    .map(line => JSON.parse(line)).sort((a, b) => a.rx - b.rx).map(m => m.feed)
  const last = Math.max(...near.map(id => order.lastIndexOf(id)))
  const first = order.findIndex(id => far.has(id))
  t.ok(`from ${kind}: near feeds were whole (by message ${last + 1}) before the first far message (${first + 1})`, first > last)
  t.ok(`from ${kind}: status told of near feeds first`, seen.near > 0 && seen.near <= seen.left)
  const { ebt } = await node.cmd('status')
  t.equal(`from ${kind}: nothing is left`, `${ebt.messages} ${ebt.near.messages}`, '0 0')
  await Promise.all([node.quit(), sender.quit()])
}

main(async t => {
  const data = load(10000)
  for (const kind of ['kith', 'legacy', 'modern']) await sync(t, kind, data)
})
