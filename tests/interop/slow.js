'use strict'
// Peers that ask for everything, or ask without end, and stop reading: memory
// stays bounded, others are served, and they are cut after a minute.
const fs = require('fs')
const { start } = require('./driver')
const { main } = require('./harness')
const { witness } = require('./witness')
const { load } = require('./dataset')
const { identity, session, frame, JSONBODY } = require('./wire')

const CALLS = 100000

const anonymous = pid => Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1])

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const data = load(10000)
  await k.cmd('load', { file: data.file })
  await k.cmd('request', { ids: [...data.feeds.keys()] })
  const friend = await witness(t, k)
  // what it does with messages at rest takes memory, too
  await t.until('words to be found', () => /index was made anew/.test(fs.readFileSync(k.dir + '/stderr.log', 'utf8')))
  const before = anonymous(k.pid)
  const deaf = async () => {
    const rpc = await session(identity(), k.port, Buffer.from(k.id.slice(1, -8), 'base64'))
    rpc.pipe.inner.socket.pause()
    return rpc
  }
  const asker = await deaf()
  asker.pipe.write(Buffer.concat(Array.from({ length: CALLS }, (_, i) => frame(JSONBODY, i + 1, { name: 'manifest', args: [] }))))
  await t.until('it to be heard', async () => anonymous(k.pid) > before + 1024)
  await friend.unharmed('beside one that asks and does not read')
  const held = anonymous(k.pid) - before
  t.ok(`memory stays bounded (${held} kB more for ${CALLS} calls)`, held < 24 * 1024)
  const rpc = await deaf()
  const since = Date.now()
  for (let i = 0; i < 9; i++) {
    for (const id of data.feeds.keys()) rpc.stream('source', 'createHistoryStream', [{ id, keys: true }], () => {})
  }
  await friend.unharmed('beside one that does not read')
  const grown = anonymous(k.pid) - before
  t.ok(`memory stays bounded (${grown} kB more for 900 streams)`, grown < 24 * 1024)
  // only the kernel's view is of use: reading would end the experiment
  await t.done('both are cut', t.until('the cut', () => !connected(rpc) && !connected(asker), 90000))
  t.note(`after ${Math.round((Date.now() - since) / 1000)} s`)
  await friend.unharmed('afterwards')
  await friend.leave()
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})

// True while the kernel still has kithd's end of the connection.
function connected (rpc) {
  const port = rpc.pipe.inner.socket.localPort.toString(16).toUpperCase().padStart(4, '0')
  const line = fs.readFileSync('/proc/net/tcp', 'utf8').split('\n')
    .find(l => l.split(/\s+/)[3] && l.split(/\s+/)[3].endsWith(':' + port))
  return !!line && line.split(/\s+/)[4] === '01'
}
