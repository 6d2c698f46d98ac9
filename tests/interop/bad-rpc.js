'use strict'
// Calls that no peer should make: each gets the answer that other software
// knows, and the connection goes on.
const { start } = require('./driver')
const { main } = require('./harness')
const { witness } = require('./witness')
const { identity, session, BINARY, STRING, JSONBODY, END, STREAM } = require('./wire')

const denied = name => `method:${name} is not in list of allowed methods`

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const friend = await witness(t, k)
  const rpc = await session(identity(), k.port, Buffer.from(k.id.slice(1, -8), 'base64'))

  // Sends one packet that opens a request, gives the answer's frame
  const answer = (flags, body) => {
    const request = ++rpc.next
    const reply = new Promise(resolve => rpc.open.set(request, resolve))
    rpc.send(flags, request, body)
    return reply
  }
  // Error text of the answer; null where the connection ended instead
  const refused = async (what, text, flags, body) => {
    const f = await answer(flags, body)
    const got = f && (f.flags & END) ? f.body.message : f && f.body
    if (typeof text === 'string') t.equal(what, got, text)
    else t.ok(`${what}: ${got}`, f && (f.flags & END) && text.test(got))
  }
  const call = (name, ...args) => ({ name: name.split('.'), args })

  const manifest = await rpc.call('manifest')
  t.ok('strangers may ask for the manifest', manifest.ebt && manifest.ebt.replicate === 'duplex')
  t.equal('a name that is a bare string', typeof (await answer(JSONBODY, { name: 'manifest', args: [] })).body, 'object')
  for (const name of ['nope', 'blobs.nope', 'publish', 'get', 'createLogStream', 'conn.connect', 'status', 'ebt.replicateFormat']) {
    await refused(`${name} is refused`, denied(name.split('.').join(',')), JSONBODY, call(name))
  }
  await refused('a source that is not there', denied('nope'), STREAM | JSONBODY, { ...call('nope'), type: 'source' })
  await refused('a stream without a type', 'unsupported stream type: undefined', STREAM | JSONBODY, call('createHistoryStream', {}))
  await refused('args that are no array', /^invalid request, args should be array/, JSONBODY, { name: ['manifest'], args: {} })
  await refused('no name', /invalid request/, JSONBODY, { args: [] })
  await refused('an empty name', /invalid request/, JSONBODY, { name: [], args: [] })
  await refused('a name of numbers', /invalid request/, JSONBODY, { name: [1, 2], args: [] })
  await refused('a request that is an array', /invalid request/, JSONBODY, [1])
  await refused('a source called as async', 'no async:createHistoryStream', JSONBODY, call('createHistoryStream', { id: k.id }))
  await refused('createHistoryStream without id', /./, STREAM | JSONBODY, { ...call('createHistoryStream', {}), type: 'source' })
  await refused('createHistoryStream of nonsense', /./, STREAM | JSONBODY, { ...call('createHistoryStream', { id: 7, seq: 'x' }), type: 'source' })
  await refused('another ebt version', /./, STREAM | JSONBODY, { ...call('ebt.replicate', { version: 2 }), type: 'duplex' })
  for (const depth of [129, 20000]) {
    const deep = Buffer.from(`{"name":["manifest"],"args":[${'['.repeat(depth)}${']'.repeat(depth)}]}`)
    await refused(`JSON ${depth} deep`, /./, JSONBODY, deep)
  }
  await refused('JSON that is none', /./, JSONBODY, Buffer.from('{"name":["manifest"'))
  await refused('bytes that are no UTF-8', /./, JSONBODY, Buffer.from([0x22, 0xff, 0xfe, 0x22]))
  await refused('a reserved body type', /./, 3, Buffer.from('{}'))
  await refused('a request as a string', /./, STRING, 'manifest')
  await refused('a request as bytes', /./, BINARY, Buffer.from('manifest'))

  // Ignored: numbers that belong to nothing
  rpc.send(JSONBODY, 0, call('manifest'))
  rpc.send(JSONBODY, -77, true)
  rpc.send(JSONBODY, -2147483648, true)
  rpc.send(STREAM | END | JSONBODY, 5000, true)
  t.ok('after all of it the connection works', (await rpc.call('manifest')).manifest)

  // 1,000 requests may be open
  const wanted = { id: k.id, live: true, keys: false }
  const answers = []
  for (let i = 0; i < 1100; i++) rpc.stream('source', 'createHistoryStream', [wanted], f => answers.push(f))
  await t.done('the 1,001st open request is refused', t.until('too many requests', () =>
    answers.some(f => f && f.flags & END && /too many requests/.test(f.body.message))))
  await friend.unharmed('beside 1,000 open streams')
  rpc.destroy()
  await friend.unharmed('afterwards')
  await friend.leave()
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
