#!/usr/bin/env node
'use strict'
// A full disk: publishing is refused with the reason, reading goes on, nothing
// is lost, and with room again it all goes on by itself.  Blobs that fill it
// midway are never seen in part.
const { spawnSync } = require('child_process')
const crypto = require('crypto')
const fs = require('fs')
const os = require('os')
const path = require('path')
const { start } = require('../interop/driver')
const { main } = require('../interop/harness')
const { blobId } = require('../interop/blob-peer')

const dir = process.env.KITH_SMALL_DISK
if (!dir) { // once more inside a mount namespace with a small disk of our own
  const small = fs.mkdtempSync(path.join(os.tmpdir(), 'kith-small-'))
  const script = 'mount -t tmpfs -o size=24m none "$1" && KITH_SMALL_DISK="$1" exec "$2" "$3"'
  const trial = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=24m none "$1"', '-', small])
  if (trial.status !== 0) {
    console.log('a small disk cannot be mounted here: ' + String(trial.stderr).trim())
    process.exit(77)
  }
  const r = spawnSync('unshare', ['-rm', 'sh', '-c', script, '-', small, process.execPath, __filename], { stdio: 'inherit' })
  fs.rmSync(small, { recursive: true })
  process.exit(r.status)
}

main(async t => {
  const k = await start('kith', { dir: path.join(dir, 'kith') })
  const post = text => k.rpc.call('publish', { type: 'post', text })
  const ballast = path.join(dir, 'ballast')
  let acked = 1
  await post('before')
  const fill = () => {
    const fd = fs.openSync(ballast, 'a')
    try { for (;;) fs.writeSync(fd, Buffer.alloc(65536)) } catch (e) { fs.closeSync(fd) }
  }

  fill()
  let refused = null
  while (!refused && acked < 20000) await post('x'.repeat(4000)).then(() => { acked++ }, e => { refused = e.message })
  t.ok(`publishing is refused: ${refused}`, /no room/.test(refused))
  t.equal('whoami is answered', (await k.rpc.call('whoami')).id, k.id)
  t.equal('reading goes on', (await k.rpc.source('createUserStream', { id: k.id })).length, acked)
  await k.kill()
  await k.run()
  t.equal('it starts on a full disk', (await k.rpc.call('whoami')).id, k.id)
  fs.rmSync(ballast)
  await t.done('with room again publishing goes on', t.until('a publish', () => post('after').then(() => { acked++; return true }, () => false)))
  await k.kill()
  await k.run()
  t.equal('nothing acknowledged is lost', (await k.rpc.source('createUserStream', { id: k.id })).length, acked)
  t.equal('the store verifies', (await k.kith('verify')).code, 0)

  const blob = crypto.randomBytes(3 << 20)
  const id = blobId(blob)
  const hex = Buffer.from(id.slice(1), 'base64').toString('hex')
  const shown = () => fs.existsSync(path.join(k.home, 'blobs/sha256', hex.slice(0, 2), hex.slice(2)))
  const add = () => k.cmd('blobadd', { base64: blob.toString('base64') }).then(() => null, e => e.message)
  const rest = fs.mkdtempSync(path.join(os.tmpdir(), 'kith-peer-'))
  const peer = await start('kith', { dir: rest })
  await peer.cmd('blobadd', { base64: blob.toString('base64') })
  fill()
  fs.truncateSync(ballast, fs.statSync(ballast).size - (1 << 20))
  const why = await add()
  t.ok(`a blob that fills the disk midway is refused: ${why}`, /room|full|space/.test(why))
  t.ok('nothing of it is seen', !shown() && !(await k.cmd('blobhas', { id })).has)
  await k.rpc.call('kith.blob', { id, word: 'want' })
  await k.cmd('connect', { addr: peer.addr })
  await t.done('one that is fetched has a reason why it is not here', t.until('a reason', async () =>
    /disk is full/.test((await k.kith('blob', 'why', id)).stdout)))
  t.ok('nothing of it is seen, either', !shown() && !(await k.cmd('blobhas', { id })).has)
  t.equal('messages are still answered', (await k.rpc.call('whoami')).id, k.id)
  fs.rmSync(ballast)
  await k.kill()
  await k.run()
  await k.cmd('connect', { addr: peer.addr })
  await t.done('with room again it is fetched', t.until('the blob', shown))
  t.ok('and whole', Buffer.from((await k.cmd('blobget', { id })).base64, 'base64').equals(blob))
  await peer.quit()
  fs.rmSync(rest, { recursive: true })
  await t.done('kithd stops cleanly', async () => await k.quit() === 0)
})
