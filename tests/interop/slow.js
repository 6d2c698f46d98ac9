'use strict'
// A peer that asks for everything and stops reading: memory stays bounded,
// others are served, and it is cut after a minute.
const fs = require('fs')
const { start } = require('./driver')
const { main } = require('./harness')
const { witness } = require('./witness')
const { load } = require('./dataset')
const { identity, session } = require('./wire')

const anonymous = pid => Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1])

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const data = load(10000)
  await k.cmd('load', { file: data.file })
  await k.cmd('request', { ids: [...data.feeds.keys()] })
  const friend = await witness(t, k)
  const before = anonymous(k.pid)
  const rpc = await session(identity(), k.port, Buffer.from(k.id.slice(1, -8), 'base64'))
  rpc.pipe.inner.socket.pause()
  const since = Date.now()
  for (let i = 0; i < 9; i++) {
    for (const id of data.feeds.keys()) rpc.stream('source', 'createHistoryStream', [{ id, keys: true }], () => {})
  }
  await friend.unharmed('beside one that does not read')
  const grown = anonymous(k.pid) - before
  t.ok(`memory stays bounded (${grown} kB more for 900 streams)`, grown < 24 * 1024)
  // only the kernel's view is of use: reading would end the experiment
  await t.done('it is cut', t.until('the cut', () => !connected(rpc), 90000))
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
