'use strict'
// Our own feed in other hands: a message of it that we did not write, higher
// than ours or different from ours, freezes publishing, and status says so.
// What continues it is stored like anybody's; what contradicts it is not.
// A copy of the home waits until a peer has shown what the original wrote.
const fs = require('fs')
const path = require('path')
const { start } = require('./driver')
const { must } = require('./kith')
const { main } = require('./harness')
const { next } = require('./classic')
const { ebt, note } = require('./ebt')
const { identity } = require('./wire')

const post = text => ({ type: 'post', text })

// The identity of a kithd, as another program would read it.
function stolen (k) {
  const text = fs.readFileSync(path.join(k.home, 'secret'), 'utf8').replace(/^#.*$/gm, '')
  const secretKey = Buffer.from(JSON.parse(text).private.slice(0, -8), 'base64')
  return { ...identity(secretKey.subarray(0, 32)), id: k.id }
}

const frozen = async k => (await k.cmd('status')).publish

async function assertFrozen (t, what, k) {
  await t.done(`${what}: publishing is frozen`, t.until('the freeze', async () => (await frozen(k)).state === 'frozen'))
  t.ok(`${what}: status says what to do`, (await frozen(k)).advice)
  t.ok(`${what}: status says why`, /was not written here/.test((await frozen(k)).reason))
  const refused = await k.cmd('publish', { content: post('more') }).then(() => '', e => e.message)
  t.ok(`${what}: publish is refused with the reason`, /was not written here/.test(refused))
}

// A stranger that has what make(key, ours) gives of our feed.
async function byHand (t, what, make, added) {
  const k = await start('kith', { dir: t.dir(what.replace(/ /g, '-')) })
  for (const text of ['one', 'two']) await k.cmd('publish', { content: post(text) })
  const ours = (await k.cmd('feed')).msgs.map(m => m.value)
  const s = await ebt(k, identity())
  s.send({ [k.id]: note(9) })
  await t.until('kithd to ask', () => s.notes[k.id] !== undefined)
  for (const m of ours) s.send(m)
  await s.rpc.call('manifest')
  t.equal(`${what}: our own messages are no reason`, (await frozen(k)).state, 'ok')
  const evidence = make(stolen(k), ours)
  s.send(evidence)
  await assertFrozen(t, what, k)
  const want = added ? [...ours, evidence] : ours
  t.equal(`${what}: stored is what continues ours`, JSON.stringify((await k.cmd('feed')).msgs.map(m => m.value)), JSON.stringify(want))
  t.ok(`${what}: the connection is not harmed`, (await s.rpc.call('manifest')).manifest)
  s.rpc.destroy()
  await t.done(`${what}: kithd stops cleanly`, async () => await k.quit() === 0)
}

// One key in two places that know a third peer.
async function twoHomes (t) {
  const first = await start('kith', { dir: t.dir('first') })
  const middle = await start('kith', { dir: t.dir('middle') })
  await middle.cmd('follow', { id: first.id })
  await first.cmd('publish', { content: post('one') })
  await first.cmd('connect', { addr: middle.addr })
  await middle.has(first.id, 1)
  await first.quit()
  fs.cpSync(first.home, path.join(t.dir('second'), 'home'), { recursive: true })

  await first.run()
  await first.cmd('publish', { content: post('two, in the first') })
  await first.cmd('connect', { addr: middle.addr })
  await middle.has(first.id, 2)
  await first.quit()

  await middle.kill() // the copy dials it by itself
  const second = await start('kith', { dir: t.dir('second') })
  const refused = await second.cmd('publish', { content: post('too early') }).then(() => '', e => e.message)
  t.ok('two homes: the copy waits', /^unconfirmed/.test(refused))
  await middle.run()
  await second.cmd('connect', { addr: middle.addr })
  await t.done('two homes: a peer confirms it', t.until('the state ok', async () => (await frozen(second)).state === 'ok'))
  await second.cmd('publish', { content: post('three, in the second') })
  await middle.has(first.id, 3)
  await second.quit()

  await first.run()
  await first.cmd('connect', { addr: middle.addr })
  await assertFrozen(t, 'two homes', first)
  await first.has(first.id, 3)
  await Promise.all([middle.quit(), first.quit()])
}

// A place that waits hears live what another one writes: that one is alive.
async function alive (t) {
  const first = await start('kith', { dir: t.dir('alive-first') })
  const near = await start('kith', { dir: t.dir('alive-near') })
  const far = await start('kith', { dir: t.dir('alive-far') })
  for (const m of [near, far]) await m.cmd('follow', { id: first.id })
  await must(path.join(t.dir('alive-second'), 'home'), 'init', '--secret', path.join(first.home, 'secret'))
  const second = await start('kith', { dir: t.dir('alive-second') })
  await far.cmd('connect', { addr: near.addr })
  await second.cmd('connect', { addr: far.addr })
  await t.until('the far one to tell what it has', async () =>
    (await far.cmd('status')).peers.some(p => p.id === second.id && p.by === 'ebt'))
  await first.cmd('connect', { addr: near.addr })
  await first.cmd('publish', { content: post('I am here') })
  await second.has(first.id, 1)
  await t.done('alive: the place that waits freezes', t.until('the freeze', async () => (await frozen(second)).state === 'frozen'))
  t.ok('alive: status says that the other place is alive', /another place is alive/.test((await frozen(second)).reason))
  t.equal('alive: the other place goes on', (await frozen(first)).state, 'ok')
  await Promise.all([first, second, near, far].map(p => p.quit()))
}

main(async t => {
  await alive(t)
  await byHand(t, 'a higher message', (key, ours) => next(key, ours[1], post('three, elsewhere')), true)
  await byHand(t, 'one far higher', (key, ours) => next(key, next(key, ours[1], post('three')), post('four')))
  await byHand(t, 'a different message', (key, ours) => next(key, ours[0], post('another two')))
  await twoHomes(t)
})
