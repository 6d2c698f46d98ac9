#!/usr/bin/env node
'use strict'
// Depots behind URLs, on real servers: every folder's tests over each kind of
// URL; homes that sync through each, both ways; what a run with nothing new
// costs; and what is said where a host or its user cannot be trusted.
const fs = require('fs')
const path = require('path')
const { execFile, execFileSync, spawnSync } = require('child_process')
const { KITH, build } = require('../interop/kith')
const { main } = require('../interop/harness')
const servers = require('../support/servers')

// Preloaded, sets a program's clock wrong by $CLOCK_SHIFT seconds.
const SHIM = path.join(build, 'tests/support/.libs/clock_shift.so')
const FOLDER_TEST = path.join(build, 'tests/depot/folder_url')

// What a user's own settings say must not lead a test astray.
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) =>
  !/^(AWS_|KITH_(URL|S3|SSH|KNOWN)|SSL_CERT|CURL_CA|SSH_AUTH_SOCK|\w+_proxy$)/i.test(name)))

const run = (program, args, env) => new Promise(resolve =>
  execFile(program, args, { env: { ...clean, ...env }, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
    resolve({ code: error ? error.code : 0, stdout, stderr })))

const kith = (home, env, ...args) => run(KITH, ['--home', home, ...args], env)

async function must (home, env, ...args) {
  const r = await kith(home, env, ...args)
  if (r.code !== 0) throw new Error(`kith ${args.join(' ')}: exit ${r.code}: ${r.stderr}${r.stdout}`)
  return r.stdout
}

const identity = home => /"id": *"(@[^"]+)"/.exec(fs.readFileSync(path.join(home, 'secret'), 'utf8'))[1]

// Two people who follow each other and never met.
async function couple (t, name) {
  const homes = ['a', 'b'].map(who => t.dir(`${name}-${who}`))
  const ids = []
  for (const home of homes) {
    await must(home, {}, 'init')
    ids.push(identity(home))
  }
  await must(homes[0], {}, 'follow', ids[1])
  await must(homes[1], {}, 'follow', ids[0])
  return { homes, ids }
}

const sync = async (home, env, url) => JSON.parse(await must(home, env, 'sync', url, '--json'))

const texts = async home => (await must(home, {}, 'log', '--json')).split('\n').filter(Boolean)
  .map(line => { const v = JSON.parse(line); return (v.value || v).content }).filter(c => c && c.type === 'post').map(c => c.text)

// A depot is carried both ways: each hears what the other said since.
// writers: names of them, where the host lists none and they must be told.
async function carries (t, name, url, env, writers) {
  const { homes: [a, b] } = await couple(t, name)
  await must(a, {}, 'post', `first of a, by ${name}`)
  await must(b, {}, 'post', `first of b, by ${name}`)
  const out = await sync(a, env, url)
  t.ok(`${name}: one begins a depot`, out.made && out.out >= 2)
  const known = writers ? writers() : []
  const both = await sync(b, env, url)
  t.ok(`${name}: the other takes and leaves`, both.in >= 2 && both.out >= 2)
  const first = writers ? `#writer=${writers().find(w => !known.includes(w))}` : ''
  const back = await sync(a, env, url + first)
  t.ok(`${name}: the first hears the other in one round trip`, back.in >= 2)
  t.ok(`${name}: both have both posts`, (await texts(a)).includes(`first of b, by ${name}`) &&
    (await texts(b)).includes(`first of a, by ${name}`))
  await must(b, {}, 'post', `second of b, by ${name}`)
  await sync(b, env, url)
  await sync(a, env, url)
  t.ok(`${name}: and what came later`, (await texts(a)).includes(`second of b, by ${name}`))
  return { a, b }
}

// How many requests a run made that found nothing new, and what it read.
async function quiet (t, name, home, url, env, server, most) {
  await sync(home, env, url)
  await sync(home, env, url)
  const before = server.log().length
  const r = await sync(home, env, url)
  const asked = server.log().slice(before)
  if (!t.ok(`${name}: nothing new costs at most ${most} requests`, r.in === 0 && r.written === 0 && asked.length <= most)) {
    console.log(asked.join('\n'), JSON.stringify(r))
  }
  t.note(`${name}: ${asked.length} requests where nothing is new`)
  return asked
}

async function folder (t, name, env) {
  const r = await run(FOLDER_TEST, [], env)
  if (!t.ok(`${name}: does what every folder does`, r.code === 0)) console.log(r.stderr + r.stdout)
}

// The exit code, and a word of what is said; never the password.
async function says (t, what, home, env, url, code, word) {
  const r = await kith(home, env, 'sync', url)
  const text = r.stdout + r.stderr
  if (!t.ok(what, r.code === code && text.includes(word) && !text.includes('swordfish'))) {
    console.log(r.code, text)
  }
}

const skip = name => console.log(`skip urls: ${name} is not here`)

async function web (t) {
  const plain = await servers.nginx(t.dir('nginx'))
  const tls = await servers.nginx(t.dir('nginx-tls'), { tls: true })
  if (!plain || !tls) return skip('nginx')
  const secret = { ...tls.env, KITH_URL_USER: 'anna', KITH_URL_PASSWORD: 'swordfish' }
  await folder(t, 'webdav', { KITH_TEST_URL: plain.url('webdav', 'dav'), ...(plain.lists ? {} : { KITH_TEST_NO_LIST: '1' }) })
  await folder(t, 'webdav without lists', { KITH_TEST_URL: plain.url('webdav', 'plain'), KITH_TEST_NO_LIST: '1' })
  await folder(t, 'webdavs with a password', { KITH_TEST_URL: tls.url('webdav', 'secret'), ...secret, ...(plain.lists ? {} : { KITH_TEST_NO_LIST: '1' }) })
  fs.mkdirSync(path.join(plain.root, 'dav/static'))
  await folder(t, 'a web server', { KITH_TEST_URL: plain.url('http', 'files/static'), KITH_TEST_FOLDER: path.join(plain.root, 'dav/static') })

  const { a, b } = await carries(t, 'webdavs', tls.url('webdav', 'secret/depot'), secret)
  await carries(t, 'webdav without lists', plain.url('webdav', 'plain/depot'), {},
    () => fs.readdirSync(path.join(plain.root, 'plain/depot/w')))
  await reads(t, plain, tls, a, b)
  await breaks(t, plain)
  await distrusts(t, plain, tls, a)
  await plain.stop()
  await tls.stop()
}

// A depot that is put on a web server by any means is read from there.
async function reads (t, plain, tls) {
  const { homes: [a, b] } = await couple(t, 'static')
  await must(a, {}, 'post', 'read on the web')
  await must(a, {}, 'sync', path.join(plain.root, 'dav/web'), '--create')
  // its files are as old as those of a real server
  execFileSync('find', [path.join(plain.root, 'dav/web'), '-exec', 'touch', '-d', '1 hour ago', '{}', '+'])
  const url = plain.url('http', 'files/web/ssbstick')
  const r = await sync(b, {}, url)
  t.ok('a web server: is enough to read', r.in >= 2 && r.out === 0 && r.read_only)
  t.ok('a web server: brings the post', (await texts(b)).includes('read on the web'))
  const asked = await quiet(t, 'a web server', b, url, {}, plain, 12)
  t.ok('a web server: what did not change is not sent again', asked.some(line => / 304 0$/.test(line)) &&
    asked.every(line => /^GET /.test(line) && / (304 0|404 \d+|416 \d+)$/.test(line)))
  const writer = fs.readdirSync(path.join(plain.root, 'dav/web/ssbstick/w'))[0]
  const third = await couple(t, 'named')
  await must(third.homes[0], {}, 'follow', identity(a))
  t.ok('a web server: a URL may name its first writer', (await sync(third.homes[0], {}, `${url}#writer=${writer}`)).in >= 2)
}

// Connections break at any byte; each run goes on where the last one was.
async function breaks (t, plain) {
  const { homes: [a, b] } = await couple(t, 'cut')
  const c = await servers.cutter(plain.port)
  const url = `webdav://127.0.0.1:${c.port}/dav/cut`
  let seed = 1
  const random = n => { seed = seed * 48271 % 2147483647; return seed % n }
  for (let round = 0; round < 3; round++) {
    for (const home of [a, b]) {
      await must(home, {}, 'post', `round ${round} of ${home}`)
      c.cuts = [1 + random(500), 1 + random(2000), 1 + random(8000)]
      await sync(home, {}, url)
    }
  }
  await sync(a, {}, url)
  const lines = async home => (await must(home, {}, 'log', '--json')).split('\n').filter(Boolean).length
  t.ok('broken connections: many broke', c.made >= 10)
  t.ok('broken connections: both have all, and nothing twice', (await texts(a)).length === 6 &&
    (await texts(b)).length === 6 && await lines(a) === await lines(b))
  await c.stop()
}

async function distrusts (t, plain, tls, home) {
  const url = tls.url('webdav', 'secret/depot')
  const other = await servers.nginx(t.dir('nginx-other'), { tls: true, names: 'DNS:other.example' })
  const shifted = days => ({ ...tls.env, LD_PRELOAD: SHIM, CLOCK_SHIFT: String(days * 86400) })
  await says(t, 'an unknown certificate is not trusted', home, {}, url, 3, 'vouches')
  await says(t, 'a certificate of another host is not trusted', home, other.env, other.url('webdav', 'dav/x'), 3, "another host's")
  await says(t, 'a certificate out of date is not trusted', home, shifted(30), url, 3, 'out of date')
  await says(t, 'a certificate of the future is not trusted', home, shifted(-30), url, 3, 'not valid yet')
  await says(t, 'a way from https to http is not gone', home, tls.env, tls.url('http', 'away/x'), 3, 'not safe')
  await other.stop()
  await says(t, 'who has no password is told where to put it', home, tls.env, url, 3, '.netrc')
  await says(t, 'a wrong password is told', home, { ...tls.env, KITH_URL_USER: 'anna', KITH_URL_PASSWORD: 'swordfish2' }, url, 3, 'HTTP 401')
  await says(t, 'what is forbidden is told', home, {}, plain.url('webdav', 'denied/x'), 3, 'HTTP 403')
  await says(t, 'a password in a URL is refused', home, {}, 'webdav://anna:swordfish@127.0.0.1/x', 3, 'seen by everyone')
  await says(t, 'what is no depot is told', home, {}, plain.url('http', 'files/none'), 4, '')
}

async function ssh (t) {
  const s = await servers.sshd(t.dir('sshd'))
  if (!s) return skip('sshd')
  await folder(t, 'sftp', { KITH_TEST_URL: s.url('tests'), ...s.env })
  const { a } = await carries(t, 'sftp', s.url('a depot'.replace(' ', '%20')), s.env)
  const url = s.url('a%20depot')
  t.ok('sftp: nothing new is written twice', (await sync(a, s.env, url), await sync(a, s.env, url)).written === 0)
  await says(t, 'sftp: a host that nobody knows is refused', a, { ...s.env, KITH_KNOWN_HOSTS: `${s.dir}/known-none` }, url, 3, 'known_hosts')
  await says(t, 'sftp: a host with another key is refused', a, { ...s.env, KITH_KNOWN_HOSTS: `${s.dir}/known-other` }, url, 3, 'known_hosts')
  await says(t, 'sftp: without a file of hosts none is trusted', a, { ...s.env, KITH_KNOWN_HOSTS: `${s.dir}/none` }, url, 3, 'known_hosts')
  await says(t, 'sftp: a stranger is not let in', a, { ...s.env, KITH_SSH_KEY: `${s.dir}/stranger` }, url, 3, 'let this user in')
  const agent = spawnSync('ssh-agent', ['-s'], { encoding: 'utf8' })
  const env = Object.fromEntries([...agent.stdout.matchAll(/(SSH_\w+)=([^;]+);/g)].map(m => [m[1], m[2]]))
  try {
    execFileSync('ssh-add', ['-q', `${s.dir}/user`], { env: { ...clean, ...env }, stdio: 'ignore' })
    const r = await sync(a, { ...env, KITH_KNOWN_HOSTS: s.env.KITH_KNOWN_HOSTS, HOME: s.dir }, url)
    t.ok('sftp: the agent has the key', r.nothing_new)
  } finally {
    process.kill(Number(env.SSH_AGENT_PID))
  }
  await s.stop()
}

async function bucket (t) {
  const s = await servers.s3(t.dir('s3'))
  if (!s) return skip('s3rver')
  await folder(t, 's3', { KITH_TEST_URL: s.url('tests of it'), ...s.env })
  const { a } = await carries(t, 's3', s.url('depot'), s.env)
  await quiet(t, 's3', a, s.url('depot'), s.env, s, 12)
  await says(t, 's3: a wrong key is told', a, { ...s.env, AWS_SECRET_ACCESS_KEY: 'swordfish' }, s.url('depot'), 3, 'AWS_SECRET_ACCESS_KEY')
  await says(t, 's3: a bucket that is not there is told', a, s.env, 's3://nobody/x', 3, 'bucket')
  fs.writeFileSync(path.join(a, 'urls'), `url s3://kith/\nendpoint http://127.0.0.1:${s.port}\nkey ${s.account.key}\nsecret ${s.account.secret}\n`, { mode: 0o644 })
  await says(t, 's3: keys that others can read are refused', a, {}, s.url('depot'), 3, 'chmod 600')
  fs.chmodSync(path.join(a, 'urls'), 0o600)
  t.ok('s3: keys may stand in the home', (await sync(a, {}, s.url('depot'))).nothing_new)
  await s.stop()
}

main(async t => {
  execFileSync('make', ['-s', '-C', build, 'tests/depot/folder_url'], { stdio: 'inherit' })
  await web(t)
  await ssh(t)
  await bucket(t)
})
