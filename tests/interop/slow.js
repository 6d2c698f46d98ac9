'use strict'
// Peers that ask for everything, or ask without end, and stop reading: memory
// stays bounded, others are served, and they are cut after a minute.
const fs = require('fs')
const { start } = require('./driver')
const { main } = require('./harness')
const { witness } = require('./witness')
const { load } = require('./dataset')
const { idOf, next } = require('./classic')
const { identity, session, local, frame, JSONBODY, END } = require('./wire')

const CALLS = 100000
const LATE = 20000
const ASKED = 2000
const LONG = 3000 // messages, each nearly as long as may be
const UNTAKEN = 2 << 20 // LIMIT_UNTAKEN_BYTES

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
  let looked = {}
  await t.until('it to be heard as far as it is', () => {
    const { unread, unsent } = looked
    looked = kernel(asker)
    return looked.unread > 0 && looked.unsent > 0 && looked.unread === unread && looked.unsent === unsent
  })
  await friend.unharmed('beside one that asks and does not read')
  const held = anonymous(k.pid) - before
  t.ok(`memory stays bounded (${held} kB more for ${CALLS} calls)`, held < 20 * 1024)
  const rpc = await deaf()
  const since = Date.now()
  for (let i = 0; i < 9; i++) {
    for (const id of data.feeds.keys()) rpc.stream('source', 'createHistoryStream', [{ id, keys: true }], () => {})
  }
  await friend.unharmed('beside one that does not read')
  const grown = anonymous(k.pid) - before
  t.ok(`memory stays bounded (${grown} kB more for 900 streams)`, grown < 20 * 1024)
  // who reads again gets every answer, in order
  const late = await deaf()
  const answered = []
  for (let i = 1; i <= LATE; i++) late.open.set(i, f => answered.push(f && i))
  late.pipe.write(Buffer.concat([...late.open.keys()].map(i => frame(JSONBODY, i, { name: 'manifest', args: [] }))))
  await friend.unharmed('beside one that reads late')
  const early = late.pipe.inner.socket.bytesRead
  late.pipe.inner.socket.resume()
  await t.done('then it gets every answer', t.until('the answers', () => answered.length === LATE))
  t.ok('and in order', answered.every((n, i) => n === i + 1))
  const waited = late.pipe.inner.socket.bytesRead - early
  t.ok(`most of them late (${waited >> 20} MB)`, waited > 4 * UNTAKEN)
  late.destroy()
  // only the kernel's view is of use: reading would end the experiment
  await t.done('both are cut', t.until('the cut', () => !kernel(rpc).connected && !kernel(asker).connected, 90000))
  t.note(`after ${Math.round((Date.now() - since) / 1000)} s`)
  await friend.unharmed('afterwards')

  // a program that asks for more than it takes is heard again, and not only
  // once a stream that it has open is over
  const author = identity()
  const feed = []
  for (let i = 0; i < LONG; i++) feed.push(next(author, feed[i - 1] || null, { type: 'post', text: 'x'.repeat(7000) }))
  const file = t.dir('long.jsonl')
  fs.writeFileSync(file, feed.map(value => JSON.stringify({ key: idOf(value), value, timestamp: 1 }) + '\n').join(''))
  await k.cmd('load', { file })
  const program = await local(k.home + '/socket')
  const order = []
  const ask = () => {
    for (let i = 1; i <= ASKED; i++) program.open.set(program.next + i, f => order.push(f && i))
    program.pipe.write(Buffer.concat(Array.from({ length: ASKED }, (_, i) => frame(JSONBODY, program.next + i + 1, { name: 'manifest', args: [] }))))
  }
  let items = 0
  await t.done('a long stream comes whole', new Promise((resolve, reject) => program.stream('source', 'createUserStream', [{ id: author.id }], f => {
    if (!f) return reject(new Error('connection ended'))
    if (f.flags & END) return resolve(items === LONG)
    if (items++ === 0) ask()
  })))
  t.ok(`calls are answered beside it (${order.length} of ${ASKED})`, order.length === ASKED && order.every((n, i) => n === i + 1))
  program.destroy()
  await friend.leave()
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})

// What the kernel has of kithd's end of the connection.
function kernel (rpc) {
  const port = rpc.pipe.inner.socket.localPort.toString(16).toUpperCase().padStart(4, '0')
  const [, , , , state, queues] = fs.readFileSync('/proc/net/tcp', 'utf8').split('\n').map(l => l.split(/\s+/))
    .find(l => l[3] && l[3].endsWith(':' + port)) || []
  const [unsent, unread] = (queues || '').split(':').map(hex => parseInt(hex, 16))
  return { connected: state === '01', unsent, unread }
}
