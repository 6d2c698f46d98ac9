#!/usr/bin/env node
'use strict'
// Starting, stopping, and what a person gets who does it wrong.
const { spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { start } = require('../interop/driver')
const { main } = require('../interop/harness')
const { kith, KITHD, KITH } = require('../interop/kith')

const run = (program, ...args) => spawnSync(program, args, { encoding: 'utf8', timeout: 10000 })

main(async t => {
  const k = await start('kith', { dir: t.dir('a') })
  const own = async () => (await k.cmd('clock')).clock[k.id] || 0
  t.note(`ready in ${k.startup_ms.toFixed(0)} ms`)

  await t.done('kith posts through the daemon', async () => (await k.kith('post', 'through the daemon')).code === 0)
  const second = run(KITHD, '--home', k.home, '--listen', '127.0.0.1:0')
  t.ok('a second kithd on this home is refused', second.status === 1)
  t.ok('and names the first', second.stderr.includes(String(k.pid)))
  t.equal('the first does not mind', (await k.rpc.call('whoami')).id, k.id)

  const pid = k.pid
  await t.done('kith stop stops it', async () => (await k.kith('stop')).code === 0 && await k.child.exited === 0)
  t.ok('no socket is left', !fs.existsSync(path.join(k.home, 'socket')))
  await t.done('kith posts without the daemon', async () => (await k.kith('post', 'straight to the store')).code === 0)
  await t.done('it starts again', () => k.run().then(() => true))
  t.ok('as another process', k.pid !== pid)
  t.equal('with both posts', await own(), 2)
  await k.kill()
  await t.done('it starts after kill -9, over the dead socket', () => k.run().then(() => true))
  for (const signal of ['SIGINT', 'SIGTERM']) {
    k.child.kill(signal)
    t.equal(`${signal} stops it cleanly`, await k.child.exited, 0)
    await k.run()
  }
  t.equal('nothing was lost', await own(), 2)

  // Stopped while it publishes: whatever is in the log was answered.
  let answered = 0
  const publish = () => k.rpc.call('publish', { type: 'post', text: 'at the end' }).then(() => {
    if (++answered === 50) k.child.kill('SIGTERM')
    return publish()
  }, () => {})
  await Promise.all(Array.from({ length: 32 }, publish))
  t.equal('it stops while much is published', await k.child.exited, 0)
  await k.run()
  t.equal(`who was not told has nothing in the log: ${answered} were`, await own(), 2 + answered)
  await k.quit()

  const home = t.dir('none')
  const bare = run(KITHD, '--home', home, '--listen', '127.0.0.1:0')
  t.ok('without an identity kithd says what to do', bare.status !== 0 && /kith init/.test(bare.stderr))
  const posted = await kith(home, 'post', 'x')
  t.ok('so does kith post', posted.code !== 0 && /kith .*init/.test(posted.stderr))
  t.equal('kith init makes one', (await kith(home, 'init')).code, 0)
  t.equal('the secret is for its owner only', fs.statSync(path.join(home, 'secret')).mode & 0o777, 0o400)
  t.ok('a second init is refused', (await kith(home, 'init')).code !== 0)
  for (const args of [['--nonsense'], ['nonsense'], []]) {
    const r = run(KITH, ...args)
    t.ok(`kith ${args.join(' ')} is misuse: exit ${r.status}`, r.status === 2 && (r.stdout + r.stderr).length > 0)
  }
  t.equal('kithd --nonsense is misuse', run(KITHD, '--nonsense').status, 2)
  const config = run(KITHD, '--help-config')
  t.ok('kithd --help-config tells the options', config.status === 0 && /hops/.test(config.stdout))
  t.equal('an unknown message is not found', (await kith(home, 'cat', '%' + Buffer.alloc(32).toString('base64') + '.sha256')).code, 4)
  fs.writeFileSync(path.join(home, 'config'), '{"friends": {"hops": "many"}}')
  const wrong = run(KITHD, '--home', home, '--listen', '127.0.0.1:0')
  t.ok('a wrong configuration names the option', wrong.status !== 0 && /hops/.test(wrong.stderr))
})
