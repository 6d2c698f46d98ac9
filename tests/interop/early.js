'use strict'
// A first sync: a new node that follows some feeds of a large set gets those
// whole before the first message of any other, from each kind of peer, and says
// what is left. Meanwhile a local query answers, and in the end all is there.
const { once } = require('events')
const net = require('net')
const { start } = require('./driver')
const { main } = require('./harness')
const { load } = require('./dataset')
const { must } = require('./kith')
const { carry, choose } = require('./first-sync')

const AHEAD = 100000 // bytes: more than notes take, less than the near feeds

async function relay (from, to, told) {
  let carried = 0
  for await (const bytes of from) {
    carried += bytes.length
    if (carried > AHEAD) await told
    if (!to.write(bytes)) await once(to, 'drain')
  }
  to.end()
}

// Stands before a sender and lets little more than its notes pass until told()
// is called: however quick the two are, whoever asks sees what is to come.
async function gate (sender) {
  const port = Number(/:(\d+)~/.exec(sender.addr)[1])
  let told
  const wait = new Promise(resolve => { told = resolve })
  const server = net.createServer(near => {
    const far = net.connect(port, '127.0.0.1')
    relay(near, far, null).catch(() => far.destroy())
    relay(far, near, wait).catch(() => near.destroy())
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  return { addr: sender.addr.replace(/:\d+~/, `:${server.address().port}~`), told, close: () => server.close() }
}

async function sync (t, kind, data) {
  const { near, far } = choose(data, 5)
  const sender = await start(kind, { dir: t.dir(kind) })
  await sender.cmd('request', { ids: [...data.feeds.keys()] })
  await sender.cmd('load', { file: data.file })
  const node = await start('kith', { dir: t.dir(`from-${kind}`), hops: 2 })
  await node.cmd('request', { ids: near })
  const way = await gate(sender)
  const seen = await carry(node, way, data, near)
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
  way.close()
}

main(async t => {
  const data = load(10000)
  for (const kind of ['kith', 'legacy', 'modern']) await sync(t, kind, data)
})
