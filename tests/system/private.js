#!/usr/bin/env node
'use strict'
// Nothing of what is private leaves: every method is called by a stranger and
// by a friend, with every private message that the node knows; and logs,
// errors, status, exports and what a crash leaves behind are searched.
const { execFileSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const { start } = require('../interop/driver')
const { main } = require('../interop/harness')
const { kith, must, KITH } = require('../interop/kith')
const { identity, session, END, STREAM, JSONBODY } = require('../interop/wire')

const MARK = 'quietzephyr' // stands in every private text
const CHANNEL = 'hushedgrove'
const lines = text => text.split('\n').filter(Boolean)
const record = (home, ...args) => must(home, '--json', ...args).then(text => lines(text).map(line => JSON.parse(line)))
const says = buffer => [MARK, CHANNEL].some(word => Buffer.from(buffer).toString('latin1').toLowerCase().includes(word))

// Text on standard input, as a person's pipe gives it.
const piped = (home, text, ...args) => execFileSync(KITH, ['--home', home, ...args], { input: text, stdio: ['pipe', 'pipe', 'pipe'] }).toString().trim()

// What two people and a group said; how many of it the node can open.
async function talk (t, node) {
  const other = t.dir('other')
  const to = await must(other, 'init').then(text => text.trim())
  const us = node.home
  await node.cmd('follow', { id: to })
  let n = 0
  const text = () => `${MARK} ${++n}: meet at nine`
  piped(us, text(), 'dm', to)
  piped(us, text(), 'dm', '--box2', to)
  piped(us, text(), 'dm', node.id)
  piped(us, text(), 'dm', '--box2', node.id)
  await node.rpc.call('private.publish', { type: 'post', text: text(), channel: CHANNEL, contentWarning: MARK, mentions: [{ link: to, name: MARK }], recps: [to, node.id] }, [to, node.id])
  await node.rpc.call('publish', { type: 'about', about: to, name: text(), recps: [node.id, to] })
  const group = (await must(us, 'group', 'create')).trim()
  piped(us, text(), 'group', 'post', group, '-')
  await must(us, 'group', 'invite', '--yes', '--text', text(), group, to)
  fs.writeFileSync(t.dir('ours'), await must(us, 'export'))
  await must(other, 'import', t.dir('ours'))
  const [post] = (await record(other, 'inbox', '--private')).filter(m => m.content.type === 'post' && !/^%/.test(m.content.recps[0]))
  piped(other, text(), 'reply', post.id, '-')
  piped(other, text(), 'dm', '--box2', node.id)
  piped(other, text(), 'group', 'post', group, '-')
  fs.writeFileSync(t.dir('theirs'), await must(other, 'export', to))
  await must(us, 'import', t.dir('theirs'))
  return { n, to, group }
}

const flat = (manifest, prefix = '') => Object.entries(manifest).flatMap(([name, type]) =>
  typeof type === 'string' ? [[prefix + name, type]] : flat(type, `${prefix}${name}.`))

// Calls everything with everything; gives all bytes that came back, in which
// arguments may be told again.
async function pry (node, methods, secrets, id) {
  const rpc = await session(id, node.port, Buffer.from(node.id.slice(1, -8), 'base64'))
  const seen = []
  const read = rpc.pipe.read.bind(rpc.pipe)
  rpc.pipe.read = n => read(n).then(bytes => { seen.push(Buffer.from(bytes)); return bytes })
  const argued = secrets.flatMap(m => [
    [m.key], [{ id: m.key, private: true, meta: true }], [`${m.key}?unbox=${m.value.unbox}.boxs`], [{ id: m.key, unbox: m.value.unbox }],
    [m.value.cyphertext], [{ ...m, value: { ...m.value, content: m.value.cyphertext } }]
  ]).concat([
    [], [{ private: true, old: true, limit: -1 }], [{ id: node.id, private: true, values: true, keys: true }], [{ id: node.id, seq: 1 }],
    [{ type: 'post', private: true }], [{ query: [{ $filter: {} }], private: true }], [{ private: true, filter: {}, scan: true }],
    [{ query: 'meet nine' }], [{ dest: node.id, private: true, values: true }], [{ version: 3, format: 'classic' }]
  ])
  const open = []
  for (const [name, type] of methods) {
    for (const args of argued) {
      const request = ++rpc.next
      const body = { name: name.split('.'), args, type }
      if (!['source', 'sink', 'duplex'].includes(type)) open.push(new Promise(resolve => rpc.open.set(request, resolve)))
      rpc.send(['source', 'sink', 'duplex'].includes(type) ? STREAM | JSONBODY : JSONBODY, request, body)
      if (type === 'source' && /History/.test(name)) {
        open.push(new Promise(resolve => rpc.open.set(request, f => { if (!f || f.flags & END) resolve() })))
      }
    }
    await rpc.call('manifest') // what came so far was read
  }
  await Promise.all(open)
  rpc.destroy()
  return Buffer.concat(seen)
}

// What local programs get that do not ask for what is private.
async function unasked (node) {
  const args = { createLogStream: {}, createFeedStream: {}, createUserStream: { id: node.id }, messagesByType: 'post', 'kith.query': { type: 'post' }, links: { rel: 'mentions', values: true }, 'search.query': { query: MARK } }
  const out = []
  for (const name in args) out.push(...(await node.rpc.source(name, args[name])).map(f => f.raw))
  for (const name of ['status', 'progress', 'manifest']) out.push(Buffer.from(JSON.stringify(await node.rpc.call(name))))
  return Buffer.concat(out)
}

// Mistakes, told without what was to be said.
async function blunder (node, talked) {
  const long = `${MARK} `.repeat(2000)
  const content = { type: 'post', text: `${MARK} 0`, recps: [node.id] }
  const said = []
  const fails = async (...args) => said.push(await node.rpc.call(...args).then(() => { throw new Error('it went well: ' + args[0]) }, e => e.message))
  await fails('private.publish', { ...content, text: long }, [node.id])
  await fails('private.publish', content, ['nobody'])
  await fails('private.publish', content, [])
  await fails('private.publish', content, Array(8).fill(0).map(() => identity().id))
  await fails('private.publish', content, [`%${Buffer.alloc(32, 7).toString('base64')}.cloaked`])
  await fails('private.publish', { ...content, type: 'x' }, [node.id])
  await fails('private.publish', content, [`@${Buffer.alloc(32).toString('base64')}.ed25519`])
  for (const args of [['dm', node.id], ['group', 'post', talked.group, '-']]) {
    try {
      piped(node.home, long, ...args)
      throw new Error('it went well')
    } catch (e) { said.push(String(e.stderr)) }
  }
  return said
}

main(async t => {
  const node = await start('kith', { dir: t.dir('node') })
  const friend = identity()
  await node.cmd('follow', { id: friend.id })
  const talked = await talk(t, node)
  const values = async () => (await node.rpc.source('createLogStream', { private: true })).map(f => f.body).filter(m => m.value.private)
  const secrets = await t.until('all to be opened', async () => {
    const all = await values()
    return all.filter(m => says(JSON.stringify(m.value.content))).length === talked.n && all
  })
  t.ok(`${talked.n} private texts are known, and shown to whom they are for`, talked.n === 11)

  const methods = flat(await node.rpc.call('manifest')).filter(([name]) => !/replicate|createWriteStream/.test(name))
  for (const [who, id] of [['a stranger', identity()], ['a friend', friend]]) {
    const seen = await pry(node, methods, secrets, id)
    t.ok(`${who} gets boxes from ${methods.length} methods`, seen.includes('.box2"') && seen.includes('.box"'))
    t.ok(`${who} gets nothing of what is in them`, !says(seen))
  }
  t.ok('whoever does not ask for it gets nothing either', !says(await unasked(node)))
  const said = await blunder(node, talked)
  t.ok(`${said.length} errors say what is wrong`, said.every(text => text.length > 10))
  t.ok('and nothing of what was to be sent', !says(said.join('\n')))

  const shown = await Promise.all([['status'], ['--json', 'status'], ['log'], ['--json', 'log'], ['views'], ['peers'], ['timeline', '--all'], ['export'], ['export', '--keys'], ['export', '--canonical']].map(args => kith(node.home, ...args)))
  t.ok('status, lists and exports have nothing of it', shown.every(r => r.code === 0 && !says(r.stdout + r.stderr)))
  const opened = await must(node.home, 'export', '--private')
  t.equal('an export that is asked for it has all but the invitation', lines(opened).filter(says).length, talked.n - 1)
  t.ok('and no key of a group', !opened.includes('groupKey'))

  const watched = []
  node.rpc.stream('source', 'private.read', [{ live: true }], f => f && watched.push(f.body))
  await t.until('private.read to be live', () => watched.some(m => m.sync))
  await node.rpc.call('private.publish', { type: 'post', text: `${MARK} watched` }, [node.id])
  await t.until('what is private to come to who watches', () => watched.some(m => m.value && /watched/.test(m.value.content.text)))
  t.ok('who watches gets what is private as it comes, opened', watched[watched.length - 1].value.private)

  const limits = fs.readFileSync(`/proc/${node.pid}/limits`, 'latin1')
  t.ok('no core file is ever written', /Max core file size +0 +0 /.test(limits))
  node.child.kill('SIGABRT')
  await node.child.exited
  node.rpc.destroy()
  const left = fs.readdirSync(node.dir).concat(fs.readdirSync(node.home)).filter(name => /core/.test(name))
  t.ok('nor after a crash', left.length === 0)
  t.ok('the log of the daemon has nothing of it', !says(fs.readFileSync(path.join(node.dir, 'stderr.log'))))
  const log = fs.readdirSync(path.join(node.home, 'store')).filter(name => /^data|log/.test(name))
  t.ok('the store has no text of it', log.length > 0 && log.every(name => !fs.readFileSync(path.join(node.home, 'store', name)).toString('latin1').includes(MARK)))
})
