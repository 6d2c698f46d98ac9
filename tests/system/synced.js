#!/usr/bin/env node
'use strict'
// System calls show that a message's last write to the store is followed by a
// completed sync before anybody hears of it: who published it, or a peer.
const fs = require('fs')
const { spawnSync } = require('child_process')
const { start, child, until } = require('../interop/driver')
const { ebt, note } = require('../interop/ebt')
const { main } = require('../interop/harness')
const { identity } = require('../interop/wire')

if (spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0) {
  console.log('strace cannot trace here')
  process.exit(77)
}

const WRITES = /^(pwrite64|pwritev|pwritev2|write|writev)\((\d+)<([^>]*)>/
const SYNCS = /^(fdatasync|fsync|msync)\(/
const SENDS = /^(write|writev|sendmsg|sendto)\((\d+)<(socket|TCP|UNIX)/
const READS = /^(read|readv|recvmsg|recvfrom)\((\d+)<(socket|TCP|UNIX).* = [1-9]\d*$/

// Not the index of search, whose thread writes and syncs in its own time.
const isLog = text => text.includes('/store/data.mdb')

// Descriptors of a process that were opened with O_DSYNC.
const syncingFds = pid => new Set(fs.readdirSync(`/proc/${pid}/fdinfo`).filter(fd =>
  parseInt(/flags:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))[1], 8) & 0o10000))

// Lines of strace -f, with the calls of other threads put together again, in
// the order of completion: [text, completed line number].
function calls (text) {
  const pending = new Map()
  const out = []
  for (const line of text.split('\n')) {
    const m = /^(\d+) +(.*)$/.exec(line)
    if (!m) continue
    const [, thread, rest] = m
    if (rest.endsWith('<unfinished ...>')) {
      pending.set(thread, rest.slice(0, -16))
    } else if (rest.startsWith('<... ')) {
      out.push((pending.get(thread) || '') + rest.replace(/^<\.\.\. \w+ resumed>/, ''))
    } else {
      out.push(rest)
    }
  }
  return out
}

main(async t => {
  const k = await start('kith', { dir: t.dir('kith') })
  const peer = await ebt(k, identity())
  peer.send({ [k.id]: note(0) })
  const syncing = syncingFds(k.pid)
  const file = t.dir('trace')
  const strace = child('strace', ['-f', '-y', '-s', '16', '-o', file, '-p', String(k.pid), '-e',
    'trace=pwrite64,pwritev,pwritev2,write,writev,sendmsg,sendto,read,readv,recvmsg,recvfrom,fdatasync,fsync,msync'], t.dir('strace'), 'ignore', 'ignore')
  await until('strace to have every thread', () => / attached/.test(fs.readFileSync(t.dir('strace/stderr.log'), 'utf8')))
  const N = 50
  for (let i = 0; i < N; i++) { // one by one: each has a commit of its own
    const { value } = await k.rpc.call('publish', { type: 'post', text: `traced ${i}` })
    await until('the peer to hear of it', () => peer.messages.some(m => m.sequence === value.sequence))
  }
  strace.kill('SIGINT')
  await strace.exited

  // A commit is: pages written, synced, then the meta page written, through
  // a descriptor that syncs each write. From the moment that kithd has read a
  // publish until that is done nothing may be sent, neither to the publisher's
  // socket nor to the peer's. Other commits, of what follows the log, may be
  // under way when the answer goes out.
  const all = calls(fs.readFileSync(file, 'utf8'))
  const answer = all.find(call => SENDS.test(call) && call.includes('{\\"key'))
  const publisher = answer && SENDS.exec(answer)[2]
  let waiting = false
  let dirty = false
  let commits = 0
  let early = 0
  for (const call of all) {
    const write = WRITES.exec(call)
    const read = READS.exec(call)
    if (write && isLog(write[3])) {
      if (!syncing.has(write[2])) dirty = true
      else if (!dirty) { waiting = false; commits++ }
    } else if (SYNCS.test(call) && isLog(call) && / = 0$/.test(call)) {
      dirty = false
    } else if (read && read[2] === publisher) {
      waiting = true
    } else if (SENDS.test(call) && waiting) {
      early++
      t.note(call)
    }
  }
  t.ok(`${commits} commits were synced`, commits >= N)
  t.equal('nothing was sent between a publish and its sync', early, 0)
  t.note(`${N} publishes, each acknowledged and received by a peer`)
  await k.quit()
})
