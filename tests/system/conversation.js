#!/usr/bin/env node
'use strict'
// Three people at terminals, each with a node of their own, talk: by keys, and
// by what they read from the screen.
const { spawn } = require('child_process')
const fs = require('fs')
const path = require('path')
const { main } = require('../interop/harness')
const { Terminal } = require('./terminal')

const build = process.env.KITH_BUILD || path.join(__dirname, '../../build')
const ID = /@[A-Za-z0-9+/]{43}=\.ed25519/
const MSG = /%[A-Za-z0-9+/]{43}=\.sha256/

async function person (t, name) {
  const home = t.dir(name)
  const env = {
    KITH_HOME: home,
    TZ: 'UTC',
    EDITOR: 'cat >', // an editor that takes keys as they come, until Ctrl-D
    VISUAL: '',
    PATH: `${build}/tools:${build}/src:${process.env.PATH}`
  }
  const terminal = new Terminal(name.toLowerCase(), env)
  await terminal.ready
  const id = ID.exec(await terminal.run('kith init'))[0]
  const log = fs.openSync(home + '.log', 'w')
  const daemon = spawn('kithd', ['--home', home, '--listen', '127.0.0.1:0'],
    { env: Object.assign({}, process.env, env), stdio: ['ignore', log, log] })
  const address = await t.until('listening', async () =>
    (/listening address=(\S+)/.exec(fs.readFileSync(home + '.log', 'utf8')) || [])[1], 30000)
  return { name, id, address, env, terminal, daemon }
}

main(async t => {
  const people = []
  const more = []
  try {
    for (const name of ['Ann', 'Ben', 'Cleo']) people.push(await person(t, name))
    await talk(t, people, more)
  } finally {
    for (const p of people) {
      p.terminal.close()
      p.daemon.kill()
    }
    for (const terminal of more) terminal.close()
  }
})

async function talk (t, people, more) {
  const [ann, ben, cleo] = people.map(p => p.terminal)
  const [annId, benId, cleoId] = people.map(p => p.id)

  for (const p of people) {
    const shown = await p.terminal.publish(`kith name ${p.name}`)
    t.ok(`${p.name} sees what will be public, and whose`, shown.includes(`"name": "${p.name}"`) && shown.includes(`as ${p.id}?`.slice(0, -1)))
    for (const other of people.filter(o => o !== p)) {
      await p.terminal.publish(`kith follow ${other.id}`)
      t.ok(`${p.name} follows ${other.name}`, p.terminal.after.includes('you now follow'))
    }
  }
  await ann.run(`kith connect ${people[1].address}`)
  await ben.run(`kith connect ${people[2].address}`)
  for (const p of people) {
    for (const other of people) await p.terminal.until(`kith whois ${other.name}`, new RegExp(other.id.slice(0, 9).replace(/[+]/g, '\\+')))
  }
  t.ok('all know each other by name', true)

  const live = new Terminal('live', people[1].env)
  more.push(live)
  await live.ready
  live.keys('kith timeline --follow\n')

  ann.keys('kith post\nWhat shall we *sow*, @ben and @cleo? #garden\n\x04')
  await ann.see('This will be public:')
  await ann.see('[y/n] ')
  t.ok('what was written in an editor is shown, with whom it means', ann.before.includes('What shall we sow, @Ben and @Cleo?') &&
    ann.before.includes(`${benId}  @Ben`) && ann.before.includes(`${cleoId}  @Cleo`))
  ann.keys('y\n')
  const post = (await ann.see(MSG)).slice(0, 9)
  t.ok('and gets an id', post)
  await ann.see('ann> ')

  await live.see('What shall we sow, @Ben and @Cleo?')
  t.ok('it comes to a timeline that is followed', true)

  const typed = new RegExp(post.replace(/[+]/g, '\\+'))
  await ben.until('kith mentions', typed)
  t.ok('who is mentioned finds it', true)
  const reply = await ben.publish(`kith reply ${post} "Beans, of course."`)
  t.ok('a reply shows what it answers', reply.includes('Beans, of course.') && reply.includes('by @Ann: What shall we'))
  await live.see('Beans, of course.')
  t.ok('and comes too', true)

  await cleo.until(`kith thread ${post}`, /Beans, of course/)
  await cleo.publish(`kith reply ${post} "Spinach?"`, 'n')
  t.ok('what is not wanted after all is not published', cleo.after.includes('nothing was published'))
  await cleo.publish(`kith like ${post}`)
  cleo.keys(`kith reply ${post}\nAnd spinach.\n\x04`)
  await cleo.see('[y/n] ')
  cleo.keys('y\n')
  await cleo.see(MSG)
  await cleo.see('cleo> ')

  const thread = await ann.until(`kith thread ${post}`, /liked by Cleo[^]*Beans[^]*And spinach/)
  t.ok('the whole talk is one thread', thread && !thread.includes('Spinach?'))
  const inbox = await ann.until('kith inbox', /like +.*Cleo/)
  t.ok('what concerns one is in the inbox', /reply +.*Ben: Beans/.test(inbox) && /reply +.*Cleo: And spinach/.test(inbox))

  const refused = await ann.run('kith post "Thanks, @nobody"')
  t.ok('nobody is mentioned who is not there', refused.includes('nobody here is called nobody') && !MSG.test(refused))

  await ann.publish('kith block cleo')
  t.ok('a block names whom', ann.after.includes(`you now block ${cleoId} (Cleo)`))
  const without = await ann.run(`kith thread ${post}`)
  t.ok('whom one blocks is not seen', without.includes('Beans') && !without.includes('spinach') && !without.includes('Cleo,'))
  await ben.until(`kith thread ${post}`, /And spinach/)
  t.ok('but by others', true)

  live.keys('\x03')
  await live.see('\nlive> ')
  t.ok('Ctrl-C ends what follows', true)
  t.ok('no id is shown in place of a name', !live.screen.includes(annId.slice(0, 9)))
}
