'use strict'
// main(async t => …): runs one test program in a temporary folder and prints
// "ok" and "not ok" lines. The folder is kept when something failed.
const fs = require('fs')
const os = require('os')
const path = require('path')
const { until } = require('./driver')

function main (body) {
  const name = path.basename(process.argv[1], '.js')
  const root = fs.mkdtempSync(path.join(process.env.TMPDIR || os.tmpdir(), `kith-${name}-`))
  let failed = 0
  const t = {
    dir: sub => path.join(root, sub),
    ok (what, value) {
      console.log(`${value ? 'ok' : 'not ok'} ${name}: ${what}`)
      if (!value) failed++
      return value
    },
    equal (what, got, want) {
      if (!t.ok(what, got === want)) console.log(`  got ${JSON.stringify(got)}\n  want ${JSON.stringify(want)}`)
    },
    // f resolves (to something truthy, or to nothing)
    async done (what, f) {
      // a deadline, so that a test that waits for a close fails instead
      const value = await Promise.resolve().then(() => typeof f === 'function' ? f() : f).catch(e => { console.log('  ' + e.message); return false })
      return t.ok(what, value || value === undefined)
    },
    until,
    note: text => console.log(`  ${text}`)
  }
  const broken = e => { t.ok('runs to its end', false); console.log(e.stack) }
  const end = () => {
    if (failed) console.log(`  see ${root}`)
    else fs.rmSync(root, { recursive: true, force: true })
    process.exit(failed ? 1 : 0)
  }
  // of what a body began and does not await yet, too
  process.on('unhandledRejection', e => { broken(e); end() })
  body(t).catch(broken).then(end)
}

module.exports = { main }
