'use strict'
// The folder of an npm peer: kith import takes the messages from its log, as
// they are there and while that peer runs, and changes nothing in it.
const fs = require('fs')
const path = require('path')
const { spawnSync } = require('child_process')
const { start } = require('./driver')
const { KITH } = require('./kith')
const { main } = require('./harness')
const { load } = require('./dataset')
const { snapshot } = require('./folder')

const N = 10000

main(async t => {
  const kith = (...args) => spawnSync(KITH, ['--home', t.dir('home'), ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
  const data = load(N)
  const old = await start('legacy', { dir: t.dir('legacy') })
  await old.cmd('load', { file: data.file })
  await old.cmd('publish', { content: { type: 'post', text: 'for all' } })
  await old.cmd('call', { method: ['publish'], args: [{ type: 'post', text: 'for me', recps: [old.id] }] })
  const secret = fs.readFileSync(path.join(t.dir('legacy'), 'secret'), 'utf8')

  kith('init')
  const own = kith('id').stdout
  let r = kith('import', t.dir('legacy'))
  t.ok('while the other program runs, its messages are taken', r.stdout.startsWith(`${N + 2} accepted, 0 known already, 0 behind a gap, 0 refused\n`))
  t.ok('what was found there is explained', /flume\/log\.offset/.test(r.stderr) && /secret/.test(r.stderr))
  t.equal('the identity is still our own', kith('id').stdout, own)

  const { msgs } = await old.cmd('feed', { id: old.id })
  const got = kith('export', old.id).stdout.trim().split('\n')
  t.equal('a message is as it was signed', got[0], JSON.stringify(msgs[0].value))
  t.ok('a private one is as it was boxed', /"content":"[^"]*\.box"/.test(got[1]))
  t.equal('all are good', kith('verify').stdout, `${N + 2} ok, 0 bad\n`)
  await old.quit()

  const before = snapshot(t.dir('legacy'))
  r = kith('import', t.dir('legacy'))
  t.equal('again they are known', r.stdout, `0 accepted, ${N + 2} known already, 0 behind a gap, 0 refused\n`)
  t.equal('nothing there has changed', snapshot(t.dir('legacy')), before)
  t.equal('least of all the secret', fs.readFileSync(path.join(t.dir('legacy'), 'secret'), 'utf8'), secret)

  const log = path.join(t.dir('legacy'), 'flume/log.offset')
  fs.truncateSync(log, fs.statSync(log).size - 5)
  r = kith('import', t.dir('legacy'))
  t.equal('a torn end is left out', r.stdout, `0 accepted, ${N + 1} known already, 0 behind a gap, 0 refused\n`)
  t.ok('and told', r.status === 1 && /log.offset, at byte \d+: the last record is not whole/.test(r.stderr))

  const modern = await start('modern', { dir: t.dir('modern') })
  await modern.cmd('publish', { content: { type: 'post', text: 'in db2' } })
  await modern.quit()
  const db2 = snapshot(t.dir('modern'))
  r = kith('import', t.dir('modern'))
  t.ok('the log of ssb-db2 is read, too', r.status === 0 && r.stdout.startsWith('1 accepted, '))
  t.equal('nothing has changed there either', snapshot(t.dir('modern')), db2)

  fs.mkdirSync(t.dir('other'))
  r = kith('import', t.dir('other'))
  t.ok('a folder of something else is told so', r.status === 3 && /not one of another Scuttlebutt program/.test(r.stderr))
})
