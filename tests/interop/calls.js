'use strict'
// kith rpc and kith peer against npm peers of both generations and kithd: calls
// of every type, packets shown, and what a peer says it has.
const { spawn, spawnSync } = require('child_process')
const { start, until } = require('./driver')
const { KITH } = require('./kith')
const { main } = require('./harness')

const MESSAGES = 5
const WHO = 'gossip.ping'

main(async t => {
  const home = t.dir('home')
  const kith = (...args) => spawnSync(KITH, ['--home', home, ...args], { encoding: 'utf8', input: '', timeout: 60000 })
  // stdin is the caller's to end
  const talk = (args, say) => new Promise(resolve => {
    const child = spawn(KITH, ['--home', home, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    const got = { out: '', err: '' }
    child.stdout.on('data', data => { got.out += data; say(child, got) })
    child.stderr.on('data', data => { got.err += data; say(child, got) })
    child.on('close', code => resolve({ ...got, code }))
    say(child, got)
  })
  const id = kith('init').stdout.trim()

  for (const kind of ['legacy', 'modern', 'kith']) {
    const p = await start(kind, { dir: t.dir(kind) })
    const { id: feed, addr } = await p.cmd('whoami')
    await p.cmd('seed', { n: MESSAGES })
    const { id: blob } = await p.cmd('blobadd', { base64: Buffer.from('hello from ' + kind).toString('base64') })
    // Who is followed may ask for everything, and who is not for less.
    await p.cmd('follow', { id })
    await p.has(feed, MESSAGES)

    const ping = JSON.parse(kith('--json', 'peer', addr, 'ping').stdout || '{}')
    t.ok(`${kind} answers a ping`, ping.rtt >= 0 && Math.abs(ping.skew) < 60000)

    const given = kith('peer', addr, 'feed', feed).stdout.trim().split('\n').filter(Boolean).map(l => JSON.parse(l))
    t.ok(`${kind} gives its feed in order`, given.length >= MESSAGES && given.every((m, i) => m.sequence === i + 1 && m.author === feed))
    const checked = kith('--json', 'peer', addr, 'feed', feed, '--verify')
    t.equal(`the feed of ${kind} is good`, checked.status, 0)
    t.equal(`the feed of ${kind} is checked to its end`, JSON.parse(checked.stdout || '{}').seq, given.length)
    t.equal(`${kind} has nothing of a feed that nobody has`, kith('peer', addr, 'feed', `@${'A'.repeat(43)}=.ed25519`, '-T', '3').status, 4)

    t.equal(`${kind} has its blob`, kith('peer', addr, 'blobs', 'has', blob).status, 0)
    t.equal(`${kind} does not have another`, kith('peer', addr, 'blobs', 'has', `&${'A'.repeat(43)}=.sha256`).status, 4)

    const clock = kith('--json', 'peer', addr, 'clock')
    const words = clock.stdout.trim().split('\n').filter(Boolean).map(l => JSON.parse(l))
    t.ok(`${kind} says how far its own feed is`, clock.status === 0 && words.some(w => w.feed === feed && w.seq >= MESSAGES))

    const source = kith('rpc', addr, 'createHistoryStream', JSON.stringify([{ id: feed, keys: false, limit: 2 }]), '--type', 'source', '--frames')
    t.equal(`a source of ${kind} ends`, source.status, 0)
    t.equal(`two items of ${kind} come, a line each`, source.stdout.trim().split('\n').length, 2)
    t.ok(`every packet is shown (${kind})`, /^> \d+ json stream \d+ \{"name":\["createHistoryStream"\]/m.test(source.stderr) &&
      (source.stderr.match(/^< -\d+ json stream \d+ \{/mg) || []).length === 2 && /^< -\d+ json stream end 4 true$/m.test(source.stderr))

    t.equal(`an answer of ${kind} is printed`, kith('rpc', addr, 'blobs.has', JSON.stringify([blob]), '-t', 'async').stdout.trim(), 'true')
    const raw = kith('rpc', addr, 'blobs.get', JSON.stringify([blob]), '-t', 'source', '--raw')
    t.equal(`bytes of ${kind} come as they are`, raw.stdout, 'hello from ' + kind)

    const refused = kith('rpc', addr, 'no.such.call', '[]', '-t', 'async')
    t.ok(`what ${kind} refuses is told`, refused.status === 1 && /says: /.test(refused.stderr))

    const duplex = await talk(['rpc', addr, WHO, '[{"timeout":300000}]', '-t', 'duplex'], (child, got) => {
      if (!child.spoke) child.stdin.write(Date.now() + '\n')
      child.spoke = true
      if (/^\d/.test(got.out) && !child.stopped) child.stopped = child.kill('SIGINT')
    })
    t.ok(`a duplex of ${kind} answers, and ends by a signal in order`, duplex.code === 0 && /^\d{13}/.test(duplex.out))
    t.equal(`${kind} goes on`, kith('peer', addr, 'blobs', 'has', blob).status, 0)
    await p.quit()
    const gone = kith('peer', addr, 'ping')
    t.ok(`who is gone is not reached (${kind})`, gone.status === 3 && /no one listens/.test(gone.stderr))
  }

  // what kith peers tells, before and after the other end went away
  const k = await start('kith', { dir: t.dir('watcher') })
  const p = await start('modern', { dir: t.dir('watched') })
  const { id: feed, addr } = await p.cmd('whoami')
  await p.cmd('seed', { n: MESSAGES })
  await k.cmd('follow', { id: feed })
  await k.cmd('connect', { addr })
  await k.has(feed, MESSAGES)
  const facts = async () => (await k.kith('--json', 'peers')).stdout.trim().split('\n').map(l => JSON.parse(l)).find(f => f.peer === feed)
  const open = await facts()
  t.ok('kith peers tells what came and went', open.state === 'connected' && open.in > 1000 && open.out > 100)
  await p.quit()
  await t.done('kith peers tells who is not reached, and why', until('a failure', async () => {
    const f = await facts()
    return f.state === 'known' && f.failures > 0 && f.problem
  }))
  await k.kith('block', feed)
  await t.done('kith peers counts no failures of who is blocked', until('it is blocked', async () => {
    const f = await facts()
    return f.state === 'blocked' && !('failures' in f) && !('problem' in f)
  }))
  await k.quit()
})
