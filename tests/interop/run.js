'use strict'
// Runs the interop programs, two at a time: run.js [PROGRAM...]
const { spawn } = require('child_process')
const path = require('path')

const all = ['shs1', 'prove', 'hops', 'noebt', 'appkey', 'bad-wire', 'bad-rpc', 'bad-feed', 'own-feed', 'reconnect', 'places', 'blobs', 'forks', 'slow', 'still', 'crowd', 'whole', 'words', 'boxes', 'ssb-folder', 'adopt', 'people', 'queries', 'groups', 'early', 'compare', 'capture', 'tap', 'calls']
const queue = process.argv.length > 2 ? process.argv.slice(2) : all
const LIMIT_MS = 300000
let failed = 0

const run = name => new Promise(resolve => {
  const t0 = Date.now()
  const child = spawn(process.execPath, [path.join(__dirname, name + '.js')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => { out += data })
  const limit = setTimeout(() => { out += `not ok ${name}: still running after ${LIMIT_MS / 1000} s\n`; child.kill() }, LIMIT_MS)
  const last = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS + 10000) // it hears no signal
  child.on('close', (code, signal) => {
    clearTimeout(limit)
    clearTimeout(last)
    if (code !== 0) failed++
    if (code !== 0 && !/^not ok /m.test(out)) out += `not ok ${name}: exit ${signal || code}\n`
    process.stdout.write(`# ${name}, ${Math.round((Date.now() - t0) / 100) / 10} s\n${out}`)
    resolve()
  })
})
const lane = async () => { while (queue.length) await run(queue.shift()) }

Promise.all([lane(), lane()]).then(() => process.exit(failed ? 1 : 0))
