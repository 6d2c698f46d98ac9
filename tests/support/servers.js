'use strict'
// Real servers on free ports of 127.0.0.1, each in a folder of its own:
//   const s = await nginx(dir, { tls })      s.url(kind), s.root, s.log(), s.stop()
//   const s = await sshd(dir)                and s.env: the keys to get in
//   const s = await s3(dir)
// null: the program is not here.
const crypto = require('crypto')
const fs = require('fs')
const http = require('http')
const os = require('os')
const path = require('path')
const { execFileSync, spawnSync } = require('child_process')
const net = require('net')
const { child, freePort, until } = require('../interop/driver')

const find = (...names) => names.find(name => path.isAbsolute(name)
  ? fs.existsSync(name)
  : spawnSync('sh', ['-c', `command -v ${name}`]).status === 0)

const accepts = port => new Promise((resolve, reject) => {
  const s = net.connect(port, '127.0.0.1')
  s.on('connect', () => { s.destroy(); resolve(true) })
  s.on('error', reject)
})

async function stop (c, signal = 'SIGTERM') {
  c.kill(signal)
  await c.exited
}

// A key and a certificate for two days; names as OpenSSL has them.
function certificate (dir, names = 'DNS:localhost,IP:127.0.0.1') {
  const [key, cert] = [path.join(dir, 'tls.key'), path.join(dir, 'tls.crt')]
  const config = path.join(dir, 'tls.cnf')
  fs.writeFileSync(config, '[req]\ndistinguished_name=n\nx509_extensions=e\nprompt=no\n[n]\nCN=kith test\n' +
    `[e]\nsubjectAltName=${names}\nbasicConstraints=critical,CA:TRUE\n`)
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
    '-keyout', key, '-out', cert, '-days', '2', '-config', config], { stdio: 'ignore' })
  return { key, cert }
}

const DAV_EXT = '/usr/lib/nginx/modules/ngx_http_dav_ext_module.so'

// /files is static, /dav can be written to and listed, /plain written to only;
// /secret asks for user anna with the password swordfish; /away leads to http.
async function nginx (dir, o = {}) {
  const program = find('/usr/sbin/nginx', 'nginx')
  if (!program) return null
  const root = path.join(dir, 'root')
  const port = await freePort()
  fs.mkdirSync(path.join(root, 'dav'), { recursive: true })
  for (const name of ['plain', 'secret', 'tmp']) fs.mkdirSync(path.join(root, name))
  const hash = execFileSync('openssl', ['passwd', '-6', 'swordfish']).toString().trim()
  fs.writeFileSync(path.join(dir, 'users'), `anna:${hash}\n`)
  const tls = o.tls && certificate(dir, o.names)
  const lists = fs.existsSync(DAV_EXT)
  const writes = 'dav_methods PUT DELETE MKCOL COPY MOVE; dav_access user:rw; client_max_body_size 100m;'
  const listing = lists ? 'dav_ext_methods PROPFIND OPTIONS;' : ''
  const user = process.getuid() === 0 ? 'user root;' : ''
  fs.writeFileSync(path.join(dir, 'nginx.conf'), `
    daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/error.log; ${user}
    ${lists ? `load_module ${DAV_EXT};` : ''}
    events {}
    http {
      log_format short '$request_method $request_uri $status $body_bytes_sent';
      access_log ${dir}/access.log short;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(n => `${n}_temp_path ${root}/tmp/${n};`).join(' ')}
      server {
        listen 127.0.0.1:${port}${tls ? ' ssl http2' : ''};
        ${tls ? `ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key};` : ''}
        root ${root};
        location /files/ { alias ${root}/dav/; }
        location /dav/ { ${writes} ${listing} }
        location /plain/ { ${writes} }
        location /secret/ { ${writes} ${listing} auth_basic kith; auth_basic_user_file ${dir}/users; }
        location /denied/ { return 403; }
        location /away/ { return 302 http://127.0.0.1:${port}/files/; }
      }
    }`)
  const c = child(program, ['-p', dir, '-c', path.join(dir, 'nginx.conf')], dir, 'ignore', 'ignore')
  await until('nginx', () => accepts(port))
  const access = path.join(dir, 'access.log')
  return {
    root,
    port,
    lists,
    ca: tls && tls.cert,
    env: tls ? { KITH_URL_CA: tls.cert } : {},
    url: (scheme, folder) => `${scheme}${tls ? 's' : ''}://${tls ? 'localhost' : '127.0.0.1'}:${port}/${folder}`,
    log: () => fs.readFileSync(access, 'utf8').split('\n').filter(Boolean),
    stop: () => stop(c)
  }
}

// A server for whoever runs this, with keys of its own and nothing but SFTP.
async function sshd (dir) {
  const program = find('/usr/sbin/sshd')
  if (!program || !find('ssh-keygen')) return null
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
  const root = path.join(dir, 'root')
  fs.mkdirSync(root, { recursive: true })
  const port = await freePort()
  for (const name of ['host', 'user', 'stranger']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(dir, name)])
  }
  fs.copyFileSync(path.join(dir, 'user.pub'), path.join(dir, 'authorized'))
  const host = fs.readFileSync(path.join(dir, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  const other = fs.readFileSync(path.join(dir, 'stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  fs.writeFileSync(path.join(dir, 'known'), `[127.0.0.1]:${port} ${host}\n`)
  fs.writeFileSync(path.join(dir, 'known-other'), `[127.0.0.1]:${port} ${other}\n`)
  fs.writeFileSync(path.join(dir, 'known-none'), '')
  const config = path.join(dir, 'sshd_config')
  fs.writeFileSync(config, `
    ListenAddress 127.0.0.1
    Port ${port}
    HostKey ${dir}/host
    PidFile none
    AuthorizedKeysFile ${dir}/authorized
    StrictModes no
    UsePAM no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PermitRootLogin prohibit-password
    Subsystem sftp internal-sftp\n`)
  if (process.getuid() === 0) fs.mkdirSync('/run/sshd', { recursive: true })
  const c = child(program, ['-D', '-e', '-f', config], dir, 'ignore', 'ignore')
  await until('sshd', () => accepts(port))
  return {
    root,
    port,
    dir,
    env: { KITH_SSH_KEY: path.join(dir, 'user'), KITH_KNOWN_HOSTS: path.join(dir, 'known') },
    url: folder => `sftp://${os.userInfo().username}@127.0.0.1:${port}${root}/${folder}`,
    stop: () => stop(c)
  }
}

const sha256 = data => crypto.createHash('sha256').update(data).digest('hex')
const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest()
// As "Signature Version 4" has it: all but letters, digits and -._~.
const encode = text => encodeURIComponent(text).replace(/[!'()*]/g, c => '%' + c.charCodeAt(0).toString(16).toUpperCase())

// The code of S3 for what is wrong with a request; null: it is signed.
function refuses (request, body, account) {
  const m = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/.exec(request.headers.authorization || '')
  if (!m) return 'AccessDenied'
  const [, key, day, region, signed, signature] = m
  const url = new URL(request.url, 'http://s3')
  const hash = request.headers['x-amz-content-sha256']
  if (key !== account.key) return 'InvalidAccessKeyId'
  if (hash !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  if (!signed.split(';').includes('x-amz-content-sha256')) return 'SignatureDoesNotMatch'
  const canonical = [
    request.method,
    url.pathname.split('/').map(part => encode(decodeURIComponent(part))).join('/'),
    [...url.searchParams].map(([k, v]) => `${encode(k)}=${encode(v)}`).sort().join('&'),
    ...signed.split(';').map(name => `${name}:${request.headers[name].trim().replace(/ +/g, ' ')}`),
    '', signed, hash
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const signing = ['s3', 'aws4_request'].reduce(hmac, hmac(hmac('AWS4' + account.secret, day), region))
  return hmac(signing, text).toString('hex') === signature ? null : 'SignatureDoesNotMatch'
}

const read = stream => new Promise((resolve, reject) => {
  const parts = []
  stream.on('data', part => parts.push(part)).on('error', reject)
    .on('end', () => resolve(Buffer.concat(parts)))
})

// s3rver checks no signature of version 4, so what stands before it does.
async function s3 (dir) {
  let S3rver
  try { S3rver = require('s3rver') } catch (e) { return null }
  fs.mkdirSync(dir, { recursive: true })
  const inner = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: dir, configureBuckets: [{ name: 'kith' }] })
  const { port: innerPort } = await inner.run()
  const account = { key: 'S3RVER', secret: 'a/secret+with=signs' }
  const log = []
  const outer = http.createServer(async (request, response) => {
    const body = await read(request)
    const code = refuses(request, body, account)
    response.on('finish', () => log.push(`${request.method} ${request.url} ${response.statusCode}`))
    if (code) {
      response.writeHead(403, { 'Content-Type': 'application/xml' })
      return response.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`)
    }
    const { method, url: path, headers } = request
    http.request({ host: '127.0.0.1', port: innerPort, method, path, headers, agent: false }, answer => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    }).end(body)
  })
  await new Promise(resolve => outer.listen(0, '127.0.0.1', resolve))
  const { port } = outer.address()
  return {
    port,
    account,
    env: { KITH_S3_ENDPOINT: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: account.key, AWS_SECRET_ACCESS_KEY: account.secret, AWS_REGION: 'eu-test-1' },
    url: prefix => `s3://kith/${prefix}`,
    log: () => log,
    stop: async () => {
      outer.closeAllConnections()
      await new Promise(resolve => outer.close(resolve))
      await inner.close()
    }
  }
}

// Before a server: each connection ends after so many bytes, both ways, as are
// next in cuts; when there are none left, all pass.
async function cutter (port) {
  const c = { cuts: [], made: 0 }
  const sockets = new Set()
  const server = net.createServer(near => {
    const far = net.connect(port, '127.0.0.1')
    let left = c.cuts.length ? c.cuts.shift() : Infinity
    const end = () => { near.destroy(); far.destroy() }
    for (const s of [near, far]) {
      sockets.add(s)
      s.on('error', end).on('close', () => { sockets.delete(s); end() })
    }
    const pass = (from, to) => from.on('data', data => {
      if (left <= 0) return
      to.write(data.subarray(0, left))
      left -= data.length
      if (left > 0) return
      c.made++
      near.end(end)
      far.end()
    })
    pass(near, far)
    pass(far, near)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  c.port = server.address().port
  c.stop = () => new Promise(resolve => { server.close(resolve); for (const s of sockets) s.destroy() })
  return c
}

module.exports = { nginx, sshd, s3, cutter }
