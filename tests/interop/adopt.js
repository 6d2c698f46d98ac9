'use strict'
// kith adopt on the stores of both npm generations: every message and blob
// arrives as it was, whatever was deleted and compacted there; nothing there
// changes; damage costs what it damaged.
const fs = require('fs')
const path = require('path')
const crypto = require('crypto')
const { spawnSync } = require('child_process')
const { start } = require('./driver')
const { KITH } = require('./kith')
const { main } = require('./harness')
const { load } = require('./dataset')
const { snapshot } = require('./folder')

const N = 10000
const PEER = 'net:192.0.2.7:8008~shs:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w='

const kith = (home, ...args) => spawnSync(KITH, ['--home', home, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
const lines = text => text.split('\n').filter(Boolean)
const records = r => lines(r.stdout).map(line => JSON.parse(line))
const part = (r, name) => records(r).find(x => x.part === name)
const same = (a, b) => a.length === b.length && [...a].sort().every((x, i) => x === b[i])
const blobFile = (dir, id) => {
  const hex = Buffer.from(id.slice(1, -7), 'base64').toString('hex')
  return path.join(dir, 'blobs/sha256', hex.slice(0, 2), hex.slice(2))
}

main(async t => {
  const data = load(N)
  const values = data.values.map(v => JSON.stringify(v))

  // What both generations have: posts, private ones, blobs, an address.
  async function fill (p) {
    await p.cmd('load', { file: data.file })
    await p.cmd('publish', { content: { type: 'post', text: 'for all \u{1f600} "1e21" \u2028' } })
    await p.cmd('private', { content: { type: 'post', text: 'for me' }, recps: [p.id] })
    const blobs = []
    for (const n of [1, 100, 300000]) blobs.push((await p.cmd('blobadd', { base64: crypto.randomBytes(n).toString('base64') })).id)
    return blobs
  }
  // Everything in dir arrives in a new home, at once or in several goes.
  function arrives (what, dir, home, blobs, want, own) {
    const got = lines(kith(home, 'export').stdout)
    t.ok(`${what}: every message is as it was signed`, same(got.filter(v => !v.includes(own)), [...want].sort()))
    t.equal(`${what}: all are good`, kith(home, 'verify').status, 0)
    t.ok(`${what}: every blob is as it was`, blobs.every(id => fs.readFileSync(blobFile(home, id)).equals(fs.readFileSync(blobFile(dir, id)))))
    return got.filter(v => v.includes(own))
  }

  // --- ssb-server ---
  const legacy = t.dir('legacy')
  const old = await start('legacy', { dir: legacy, tribes: true })
  let blobs = await fill(old)
  const { value: group } = await old.cmd('call', { method: ['tribes', 'create'], args: [{}] })
  await old.cmd('publish', { content: { type: 'post', text: 'for the group', recps: [group.groupId] } })
  await old.cmd('call', { method: ['gossip', 'add'], args: [PEER, 'manual'] })
  const { msgs } = await old.cmd('feed', { id: old.id })
  const M = N + msgs.length
  let r = kith(t.dir('one'), 'adopt', '--dry-run', legacy)
  t.ok('a dry run tells what would come', r.status === 0 && r.stdout.includes(`${M} accepted`) && /blobs: 3 taken/.test(r.stdout))
  t.ok('and writes nothing', !fs.existsSync(t.dir('one')))
  t.ok('a program that runs there is told', /has .* open now/.test(r.stderr))
  await old.quit()
  fs.writeFileSync(path.join(legacy, 'gossip.json'), JSON.stringify([{ host: '192.0.2.7', port: 8008, key: '@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519' }, { host: 'bad', port: -1 }]))
  fs.writeFileSync(path.join(legacy, 'config'), '{ "friends": { "hops": 3 }, /* mine */ "blobs": { "max": 9000000 }, "port": 9 }')
  let before = snapshot(legacy)
  const first = r = kith(t.dir('one'), '--json', 'adopt', legacy)
  t.equal('all is adopted', r.status, 0)
  t.ok('the identity is unconfirmed', part(r, 'identity').feed === old.id && /unconfirmed/.test(kith(t.dir('one'), 'status').stdout))
  t.ok('nothing can be published yet', kith(t.dir('one'), 'publish', '/dev/null').status !== 0)
  t.ok('two programs with one identity are warned of', /two programs must never write with one identity/.test(r.stderr))
  t.ok('the address is here', part(r, 'peers').taken === 1 && part(r, 'peers').left === 1)
  t.ok('settings that mean the same are here', part(r, 'settings').taken === 2 && JSON.parse(fs.readFileSync(path.join(t.dir('one'), 'config'))).friends.hops === 3)
  t.equal('nothing there has changed', snapshot(legacy), before)
  const own = arrives('flume', legacy, t.dir('one'), blobs, values, old.id)
  t.ok('our own, too, and the private one as it was boxed', same(own, msgs.map(m => JSON.stringify(m.value)).sort()))
  t.ok('the key of the group is here, and opens what is in it', part(first, 'keys').taken >= 1 && kith(t.dir('one'), 'group', 'log', group.groupId).stdout.includes('for the group'))
  r = kith(t.dir('one'), '--json', 'adopt', legacy)
  t.ok('again all is here already', r.status === 0 && records(r).find(x => 'accepted' in x).duplicate === M && part(r, 'blobs').known === 3 && part(r, 'peers').known === 1)

  kith(t.dir('other'), 'init')
  r = kith(t.dir('other'), 'adopt', legacy)
  t.ok('a home of another identity takes nothing', r.status === 1 && lines(kith(t.dir('other'), 'export').stdout).length === 0)
  r = kith(t.dir('other'), 'adopt', '--no-identity', legacy)
  t.ok('unless it is told to', r.status === 0 && lines(kith(t.dir('other'), 'export').stdout).length === M)

  // --- ssb-db2 ---
  const modern = t.dir('modern')
  let now = await start('modern', { dir: modern })
  blobs = await fill(now)
  await now.cmd('call', { method: ['conn', 'remember'], args: [PEER, { autoconnect: false }] })
  const feeds = [...data.feeds.keys()].sort()
  const [gone, cut] = feeds
  await now.cmd('call', { method: ['db', 'deleteFeed'], args: [gone] })
  const last = (await now.cmd('feed', { id: cut, seq: data.feeds.get(cut), limit: 1 })).msgs[0]
  await now.cmd('call', { method: ['db', 'del'], args: [last.key] })
  const left = data.values.filter(v => v.author !== gone && !(v.author === cut && v.sequence === data.feeds.get(cut))).map(v => JSON.stringify(v))
  const deleted = N - left.length
  await t.until('the deletions to be written', () => part(kith(t.dir('none'), '--json', 'adopt', '--dry-run', modern), 'log').deleted === deleted)
  r = kith(t.dir('two'), '--json', 'adopt', modern)
  t.equal('of ssb-db2 all is adopted, while it runs', r.status, 0)
  t.ok('what was deleted is counted', part(r, 'log').deleted === deleted && part(r, 'log').messages === left.length + 2)
  t.equal('our own are here', arrives('bipf', modern, t.dir('two'), blobs, left, now.id).length, 2)

  await now.cmd('call', { method: ['db', 'compact'], args: [] })
  await now.cmd('publish', { content: { type: 'post', text: 'after the compaction' } })
  await now.quit()
  before = snapshot(modern)
  r = kith(t.dir('two'), '--json', 'adopt', modern)
  // on a busy machine ssb-db2 has left one deleted record behind
  t.ok('after a compaction, what is new is taken', r.status === 0 && part(r, 'log').deleted < deleted && records(r).find(x => 'accepted' in x).accepted === 1)
  t.equal('nothing there has changed', snapshot(modern), before)
  r = kith(t.dir('three'), '--json', 'adopt', modern)
  t.equal('and all into a new home', r.status, 0)
  t.ok('the address is here', part(r, 'peers').taken === 1)
  t.equal('our own are here', arrives('compacted', modern, t.dir('three'), blobs, left, now.id).length, 3)

  // --- both logs in one folder, damage ---
  const both = t.dir('both')
  fs.cpSync(modern, both, { recursive: true })
  fs.cpSync(path.join(legacy, 'flume'), path.join(both, 'flume'), { recursive: true })
  r = kith(t.dir('four'), '--json', 'adopt', both)
  t.ok('both logs are read, what both have is taken once', r.status === 0 && records(r).filter(x => x.part === 'log').length === 2)
  t.ok('and what only one has, too', lines(kith(t.dir('four'), 'export').stdout).length === M + 3)
  const log = path.join(both, 'db2/log.bipf')
  const bytes = fs.readFileSync(log)
  bytes[70000] ^= 0x55
  fs.writeFileSync(log, bytes.subarray(0, bytes.length - 65536 + 900))
  r = kith(t.dir('five'), '--json', 'adopt', '--log-only', both)
  t.equal('without an identity there is no home', r.status, 3)
  kith(t.dir('five'), 'init')
  r = kith(t.dir('five'), '--json', 'adopt', '--log-only', both)
  t.ok('what is damaged or cut off is told with its place', r.status === 1 && records(r).some(x => x.problem && x.at > 65536))
  t.ok('and the rest is taken', lines(kith(t.dir('five'), 'export').stdout).length >= N)
  const blob = blobFile(both, blobs[1])
  fs.chmodSync(blob, 0o600)
  fs.writeFileSync(blob, 'something else')
  r = kith(t.dir('six'), '--json', 'adopt', both)
  t.ok('a blob that is another is left and named', r.status === 1 && part(r, 'blobs').left === 1 && records(r).some(x => x.id === blobs[1]))
  t.ok('the others are here', [0, 2].every(i => fs.existsSync(blobFile(t.dir('six'), blobs[i]))) && !fs.existsSync(blobFile(t.dir('six'), blobs[1])))
})
