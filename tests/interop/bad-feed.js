'use strict'
// Forged, forked, gapped, oversized and misspelled messages, and notes that
// are none, from a peer whose feed kithd wants. Nothing wrong is stored.
const { start } = require('./driver')
const { main } = require('./harness')
const { witness } = require('./witness')
const { next } = require('./classic')
const { ebt, note } = require('./ebt')
const { identity } = require('./wire')

const REFUSED = -1

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const friend = await witness(t, k)
  const at = async id => (await k.cmd('clock')).clock[id] || 0

  // A fresh author, wanted by kithd, that has said two right things.
  async function author () {
    const self = identity()
    await k.cmd('follow', { id: self.id })
    const s = await ebt(k, self)
    const one = next(self, null, { type: 'post', text: 'one' })
    const two = next(self, one, { type: 'post', text: 'two' })
    s.send({ [self.id]: note(2) })
    await t.until('kithd to ask', () => s.notes[self.id] !== undefined)
    s.send(one)
    s.send(two)
    await k.has(self.id, 2)
    return { self, s, one, two }
  }

  // spoil(author) gives wrong messages; then the right third one comes. It
  // is stored or not, but never more than it.
  async function wrong (what, spoil, { third = true } = {}) {
    const a = await author()
    for (const m of spoil(a)) a.s.send(m)
    const three = next(a.self, a.two, { type: 'post', text: 'three' })
    if (third) {
      a.s.send(three)
      await t.done(`${what}: dropped, and the right one taken`, k.has(a.self.id, 3))
    } else {
      await t.done(`${what}: no more is taken from this peer`, t.until('a refusal', () => a.s.notes[a.self.id] === REFUSED))
    }
    const stored = (await k.cmd('feed', { id: a.self.id })).msgs.map(m => m.value.content.text)
    t.equal(`${what}: what is stored`, JSON.stringify(stored), JSON.stringify(['one', 'two', 'three'].slice(0, third ? 3 : 2)))
    a.s.rpc.destroy()
    return a
  }
  const post = text => ({ type: 'post', text })

  await wrong('a forged signature', a => {
    const m = next(a.self, a.two, post('forged'))
    m.content.text = 'forgery'
    return [m]
  })
  await wrong('a signature by another key', a => [next({ ...identity(), id: a.self.id }, a.two, post('forged'))])
  await wrong('three forgeries', a => [1, 2, 3].map(i => {
    const m = next(a.self, a.two, post('forged' + i))
    m.content.text = 'forgery' + i
    return m
  }), { third: false })
  await wrong('a gap', a => {
    const three = next(a.self, a.two, post('left out'))
    return [next(a.self, three, post('four'))]
  })
  await wrong('a fork', a => [next(a.self, a.two, post('fork'), m => { m.previous = '%' + Buffer.alloc(32, 1).toString('base64') + '.sha256' })],
    { third: false })
  await wrong('a fork in the past', a => [next(a.self, a.one, post('another two'))], { third: false })
  await wrong('an oversized message', a => [next(a.self, a.two, post('x'.repeat(9000)))])
  await wrong('a message of 60 kB', a => [next(a.self, a.two, post('x'.repeat(60000)))])
  await wrong('members in another order', a => {
    const m = next(a.self, a.two, post('order'), v => { const { hash } = v; delete v.hash; v.hash = hash })
    return [m]
  })
  await wrong('a wrapped message', a => [{ key: '%x', value: next(a.self, a.two, post('wrapped')), timestamp: 1 }])
  await wrong('a deep message', a => {
    let deep = {}
    for (let i = 0; i < 200; i++) deep = { d: deep }
    return [next(a.self, a.two, { type: 'post', text: 'deep', deep })]
  })
  await wrong('a type of 2 characters', a => [next(a.self, a.two, { type: 'ab', text: 'type' })])
  await wrong('another hash', a => [next(a.self, a.two, post('hash'), v => { v.hash = 'sha1' })])
  await wrong('a first message again', a => [next(a.self, null, post('first'))], { third: false })

  const stranger = identity()
  const a = await author()
  a.s.send(next(stranger, null, post('unwanted')))
  a.s.send(next(a.self, a.two, post('behind it')))
  await k.has(a.self.id, 3)
  t.equal('a feed not asked for is dropped', await at(stranger.id), 0)

  a.s.send({ '@nonsense': 1, [stranger.id]: 'x', [k.id]: 1.5, [a.self.id]: -7, __proto__: null })
  a.s.send({ [k.id]: 1e300 })
  await t.done('odd notes are ignored', async () => {
    a.s.send({ [k.id]: note(0) })
    await t.until('messages', () => a.s.messages.length > 0)
  })
  for (const odd of [[1, 2], 'notes', 7]) a.s.send(odd)
  await t.done('three frames that are no notes end the stream', t.until('the end', () => a.s.ended))
  t.ok('not the connection', (await a.s.rpc.call('manifest')).manifest)

  const flood = await ebt(k, identity())
  const many = {}
  for (let i = 0; i < 110000; i++) many['@' + Buffer.from(String(i).padStart(32, 'x')).toString('base64') + '.ed25519'] = 2
  flood.send(many)
  await t.done('a clock of too many feeds ends the stream', t.until('the end', () => flood.ended))

  const own = await ebt(k, identity())
  own.send({ [k.id]: note(1000) })
  await t.done('a stranger who claims more of our feed keeps us from publishing for seconds at most',
    t.until('a post', async () => (await k.kith('post', 'still here')).code === 0))
  const more = await ebt(k, identity())
  more.send({ [k.id]: note(2000) })
  await more.rpc.call('manifest')
  await friend.unharmed('while a stranger claims more of our feed than we have')
  await friend.leave()
  t.equal('everything stored verifies', (await k.kith('verify')).code, 0)
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
