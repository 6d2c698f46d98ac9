#!/usr/bin/env node
'use strict'
// Blobs over HTTP: what kithd has is read at the port of web.port, by pages of
// this machine; and a port that is taken keeps nothing from running.
const crypto = require('crypto')
const fs = require('fs')
const http = require('http')
const { start, freePort } = require('../interop/driver')
const { main } = require('../interop/harness')

const get = (port, path, headers = {}) => new Promise((resolve, reject) => {
  http.get({ host: '127.0.0.1', port, path, headers, agent: false }, res => {
    const chunks = []
    res.on('data', chunk => chunks.push(chunk))
    res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, body: Buffer.concat(chunks) }))
  }).on('error', reject)
})

function home (t, name, port) {
  const dir = t.dir(name)
  fs.mkdirSync(dir + '/home', { recursive: true, mode: 0o700 })
  fs.writeFileSync(dir + '/home/config', JSON.stringify({ web: { port } }))
  return dir
}

main(async t => {
  const port = await freePort()
  const k = await start('kith', { dir: home(t, 'kith', port) })
  const bytes = crypto.randomBytes(200000)
  const { id } = await k.cmd('blobadd', { base64: bytes.toString('base64') })
  const path = '/blobs/get/' + encodeURIComponent(id)

  const whole = await get(port, path)
  t.equal('a blob is there', whole.status, 200)
  t.ok('whole', whole.body.equals(bytes))
  t.equal('as plain bytes', whole.headers['content-type'], 'application/octet-stream')
  const part = await get(port, path, { Range: 'bytes=1000-1999' })
  t.equal('a part of it, too', part.status, 206)
  t.ok('the right one', part.body.equals(bytes.slice(1000, 2000)))
  t.equal('a page of another site gets nothing', (await get(port, path, { 'Sec-Fetch-Site': 'cross-site' })).status, 403)
  t.equal('nor one that came by another name', (await get(port, path, { Host: 'evil.example' })).status, 403)
  t.equal('a file of the home is no blob', (await get(port, '/blobs/get/../../secret')).status, 404)

  const second = await start('kith', { dir: home(t, 'second', port) })
  t.ok('who finds the port taken runs all the same', (await second.rpc.call('whoami')).id === second.id)
  await second.quit()
  await k.quit()
  const over = await get(port, path).catch(e => e)
  t.equal('with kithd it ends', over.code, 'ECONNREFUSED')
})
