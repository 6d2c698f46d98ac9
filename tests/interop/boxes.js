'use strict'
// Private messages in both directions against the npm packages: box1 with
// ssb-keys and ssb-box, box2 with each ssb-box2 that is installed, and what
// ssb-tribes makes of our messages about groups.
const crypto = require('crypto')
const fs = require('fs')
const path = require('path')
const { promisify } = require('util')
const { spawnSync } = require('child_process')
const { main } = require('./harness')
const ssbKeys = require('ssb-keys')
const sodium = require('sodium-universal')
const bfe = require('ssb-bfe')
const { unboxKey, CloakedMsgId } = require('envelope-js')
const box1 = require('ssb-box/format')

const helper = path.join(process.env.KITH_BUILD || path.join(__dirname, '../../build'), 'tests/interop/boxes')
const count = Number(process.env.BOXES || 500)
const OPENED = 1

// Jobs for our side, all in one go.
function ours (jobs) {
  const r = spawnSync(helper, { input: jobs.map(j => JSON.stringify(j) + '\n').join(''), encoding: 'utf8', maxBuffer: 1 << 28 })
  if (r.status !== 0) throw new Error(`boxes: ${r.stderr.trim() || r.error}`)
  return r.stdout.trim().split('\n').map(line => JSON.parse(line))
}

// Keys and texts of a run come from its seed, so that a failure comes again.
const name = process.env.SEED || crypto.randomBytes(8).toString('hex')
let drawn = 0
const draw = () => crypto.createHash('sha256').update(`${name} ${drawn++}`).digest()
const below = n => draw().readUInt32BE(0) % n
const pick = list => list[below(list.length)]
const some = (list, most) => list.map(x => [draw().toString('hex'), x]).sort().slice(0, 1 + below(most)).map(x => x[1])

function identity () {
  const seed = draw()
  return { seed: seed.toString('base64'), keys: ssbKeys.generate('ed25519', seed) }
}
const msgId = () => '%' + draw().toString('base64') + '.sha256'
const text = () => 'a Ж 猫 \u{1f600} "\\ \n\u0007 '.repeat(1 + below(12)).slice(below(5)).replace(/^[\udc00-\udfff]/, '')
const content = recps => ({ type: pick(['post', 'vote', 'x/y']), text: text(), recps })

const found = id => (process.env.NODE_PATH || '').split(path.delimiter).map(dir => path.join(dir, id)).filter(dir => fs.existsSync(dir))

function testBox1 (t, people) {
  const made = Array.from({ length: count }, () => {
    const author = pick(people)
    const recps = some(people, 7)
    const value = content(recps.map(p => p.keys.id))
    return { author, recps, value, plain: JSON.stringify(value) }
  })
  const boxed = ours(made.map(m => ({ do: 'box1', plain: m.plain, recps: m.value.recps })))
  t.ok(`ssb-keys opens ${count} messages that we box`, made.every((m, i) =>
    m.recps.every(p => JSON.stringify(ssbKeys.unbox(boxed[i].content, p.keys)) === m.plain) &&
    people.filter(p => !m.recps.includes(p)).every(p => ssbKeys.unbox(boxed[i].content, p.keys) === undefined)))
  t.ok(`ssb-box opens ${count} messages that we box`, made.every((m, i) =>
    m.recps.every(p => {
      const plain = box1.decrypt(Buffer.from(boxed[i].content.slice(0, -4), 'base64'), { keys: p.keys })
      return plain && plain.toString() === m.plain
    })))
  const theirs = made.map((m, i) => i % 2
    ? ssbKeys.box(m.value, m.value.recps)
    : box1.encrypt(Buffer.from(m.plain), { recps: m.value.recps, keys: m.author.keys }).toString('base64') + '.box')
  const jobs = []
  made.forEach((m, i) => people.forEach(p => jobs.push({ do: 'open', seed: p.seed, author: m.author.keys.id, previous: null, content: theirs[i] })))
  const opened = ours(jobs)
  t.ok(`we open ${count} messages that ssb-keys and ssb-box make, where they are for us`, made.every((m, i) =>
    people.every((p, k) => {
      const got = opened[i * people.length + k]
      return m.recps.includes(p) ? got.opening === OPENED && got.plain === m.plain : got.opening === 0
    })))
  t.ok('and know the keys that ssb-keys would disclose', made.every((m, i) => m.recps.every(p =>
    opened[i * people.length + people.indexOf(p)].key === ssbKeys.unboxKey(theirs[i], p.keys).toString('base64') + '.boxs')))
}

// One identity's ssb-box2, whichever generation it is of.
async function format (t, dir, person) {
  const f = require(path.join(dir, 'format'))()
  await promisify(f.setup)({ path: t.dir(`${path.basename(path.dirname(path.dirname(dir)))}-${crypto.randomBytes(6).toString('hex')}`), keys: person.keys, box2: { legacyMode: true } })
  f.setOwnDMKey(Buffer.from(person.self, 'base64'))
  for (const [id, key] of Object.entries(person.groups)) {
    const info = { key: Buffer.from(key, 'base64'), root: msgId() }
    await new Promise(resolve => f.addGroupInfo.length > 2 ? f.addGroupInfo(id, { ...info, scheme: 'envelope-large-symmetric-group' }, resolve) : resolve(f.addGroupInfo(id, info)))
  }
  return f
}

async function testBox2 (t, dir, people) {
  const version = require(path.join(dir, 'package.json')).version
  const groups = Object.fromEntries(Array.from({ length: 5 }, () => ['%' + draw().toString('base64') + '.cloaked', draw().toString('base64')]))
  const members = people.slice(0, 4) // the others are in no group
  const secret = draw()
  const point = Buffer.alloc(32)
  sodium.crypto_scalarmult_base(point, secret)
  const poBox = 'ssb:identity/po-box/' + point.toString('base64').replace(/\+/g, '-').replace(/\//g, '_')
  const holder = people[people.length - 1]
  for (const p of people) {
    p.self = draw().toString('base64')
    p.groups = members.includes(p) ? groups : {}
    p.format = await format(t, dir, p)
    p.poboxes = []
    if (p.format.addPoBox && p === holder) {
      await promisify(p.format.addPoBox)(poBox, { key: secret })
      p.poboxes = [secret.toString('base64')]
    }
  }
  const kinds = {
    'direct messages': () => ({ author: pick(people), recps: some(people, 8).map(p => p.keys.id) }),
    'messages to a group': () => ({ author: pick(members), recps: [pick(Object.keys(groups)), ...some(people, 3).slice(1).map(p => p.keys.id)] }),
    'messages to oneself': () => { const author = pick(people); return { author, recps: [author.keys.id] } }
  }
  if (holder.format.addPoBox) kinds['messages to a po-box'] = () => ({ author: pick(people), recps: [poBox, ...some(people, 3).map(p => p.keys.id)] })
  for (const [kind, make] of Object.entries(kinds)) {
    const made = Array.from({ length: count }, () => {
      const m = make()
      m.previous = below(8) ? msgId() : null
      m.plain = JSON.stringify(content(m.recps))
      m.readers = new Set(people.filter(p => m.recps.some(id => id === p.keys.id || (p.groups[id]) || (id === poBox && p.poboxes.length))))
      return m
    })
    const boxed = ours(made.map(m => ({ do: 'box2', seed: m.author.seed, previous: m.previous, plain: m.plain, recps: m.recps, self: m.author.self, groups: m.author.groups })))
    t.ok(`ssb-box2 ${version} opens ${count} ${kind} that we box, and only for whom they are`, made.every((m, i) => people.every(p => {
      const plain = p.format.decrypt(Buffer.from(boxed[i].content.slice(0, -5), 'base64'), { keys: p.keys, author: m.author.keys.id, previous: m.previous })
      return m.readers.has(p) ? plain && plain.toString() === m.plain : !plain
    })))
    const jobs = []
    for (const m of made) {
      const box = m.author.format.encrypt(Buffer.from(m.plain), { keys: m.author.keys, recps: m.recps, previous: m.previous }).toString('base64') + '.box2'
      for (const p of people) jobs.push({ do: 'open', seed: p.seed, author: m.author.keys.id, previous: m.previous, content: box, self: p.self, groups: p.groups, poboxes: p.poboxes })
    }
    const opened = ours(jobs)
    t.ok(`we open ${count} ${kind} of ssb-box2 ${version}, and only those for us`, made.every((m, i) => people.every((p, k) => {
      const got = opened[i * people.length + k]
      return m.readers.has(p) ? got.opening === OPENED && got.plain === m.plain : got.opening === 0
    })))
  }
  for (const p of people) await promisify(p.format.teardown)()
}

function testGroups (t, people) {
  const { isValid: isInit } = require('ssb-tribes/spec/group/init')
  const { isValid: isAdd } = require('ssb-tribes/spec/group/add-member')
  const [init] = ours([{ do: 'init' }])
  t.ok('ssb-tribes takes our group/init', isInit(JSON.parse(init.plain)))
  const first = Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(32)])
  let valid = 0; let same = 0
  for (let i = 0; i < 40; i++) {
    const author = pick(people)
    const id = '%' + draw().toString('base64') + '.cloaked'
    const key = draw()
    const root = msgId()
    const [{ plain }, { content }] = ours([
      { do: 'add', group: id, root, key: key.toString('base64'), members: some(people, 6).map(p => p.keys.id), previous: [root, msgId()], ...(i % 2 ? { plain: text() } : {}) },
      { do: 'box2', seed: author.seed, previous: null, plain: init.plain, recps: [id, author.keys.id], self: author.seed, groups: { [id]: key.toString('base64') } }
    ])
    if (isAdd(JSON.parse(plain))) valid++
    else t.note(`${plain}: ${JSON.stringify(isAdd.errors || isAdd.error)}`)
    const read = unboxKey(Buffer.from(content.slice(0, -5), 'base64'), bfe.encode(author.keys.id), first, [{ key, scheme: 'envelope-large-symmetric-group' }], { maxAttempts: 1 })
    const cloaked = new CloakedMsgId(bfe.encode(root), read)
    const [got] = ours([{ do: 'group', init: root, key: read.toString('base64') + '.boxs' }])
    if (got.group === '%' + cloaked.toBuffer().toString('base64') + '.cloaked') same++
  }
  t.ok('ssb-tribes takes 40 of our group/add-member', valid === 40)
  t.ok('envelope-js gives 40 groups the ids that we give', same === 40)
}

// What ssb-tribes itself publishes, of groups that it makes.
async function testTribes (t, people) {
  const methods = require('ssb-tribes/method/group')
  let made = 0; let read = 0
  for (let i = 0; i < 40; i++) {
    const author = pick(people)
    const previous = below(3) ? msgId() : null
    const published = []
    const ssb = {
      id: author.keys.id,
      backlinks: {}, // asked for, and not used by what is called here
      getFeedState: (id, cb) => cb(null, { id: previous, sequence: previous ? 5 : 0 }),
      publish (content, cb) { published.push(content); cb(null, { key: msgId(), value: { author: author.keys.id, previous, content } }) }
    }
    const known = new Map()
    const keystore = {
      ownKeys: () => [{ key: Buffer.from(author.seed, 'base64'), scheme: 'envelope-symmetric-key-for-self' }],
      group: { get: id => known.get(id), register (id, info, cb) { known.set(id, info); cb(null) }, registerAuthors: (id, authors, cb) => cb(null) }
    }
    const tribes = methods(ssb, keystore, { feedId: bfe.encode(author.keys.id), keys: author.keys })
    const { groupId, groupKey, root } = await promisify(tribes.init)()
    const key = groupKey.toString('base64')
    const members = some(people, 6).map(p => p.keys.id)
    const words = i % 2 ? text() : undefined
    await promisify(tribes.addMember)(groupId, members, { text: words })
    const [init, self] = [{ groups: { [groupId]: key } }, { self: author.seed }].map(keys => ({ do: 'open', seed: author.seed, author: author.keys.id, previous, content: published[0], ...keys }))
    const [opened, mine] = ours([init, self])
    const [id, add] = ours([{ do: 'group', init: root, key: opened.key }, { do: 'read', plain: JSON.stringify(published[1]) }])
    if (opened.opening === OPENED && mine.key === opened.key && id.group === groupId) made++
    if (add.group === groupId && add.root === root && add.key === key && JSON.stringify(add.members) === JSON.stringify(members) && add.text === (words || null)) read++
  }
  t.ok('we open 40 groups that ssb-tribes makes, by either key, and give their ids', made === 40)
  t.ok('we read 40 group/add-member of ssb-tribes', read === 40)
}

main(async t => {
  t.note(`seed ${name}`)
  const people = Array.from({ length: 9 }, identity)
  testBox1(t, people)
  const dirs = found('ssb-box2')
  t.ok('an ssb-box2 is installed', dirs.length > 0)
  for (const dir of dirs) await testBox2(t, dir, people)
  testGroups(t, people)
  await testTribes(t, people)
})
