'use strict'
// damage.js FOLDER COUNT SEED: captures in a folder, each time one of them
// damaged in one of many ways, taken apart by kith dissect: it neither crashes
// nor hangs, says whether there is damage, and of a file that is cut off shows
// all that stands before the tear.
const { spawnSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const harm = require('./harm')
const { KITH } = require('./kith')

const [folder, count, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const LIMIT_MS = 10000
const PART = 200000 // of a long capture is taken

const { random, lines, ofBytes, ofLines } = harm(seed)
const cutWhole = b => b.subarray(0, b.lastIndexOf(10) + 1)

const ways = {
  ...ofBytes,
  ...ofLines,
  'another connection': b => lines(b, (l, i) => { l[i] = l[i].replace(/"c":\d+/, '"c":' + random(1 << 16)) }),
  'another number': b => lines(b, (l, i) => { l[i] = l[i].replace(/"(req|n|msg|t)":-?\d+/, (m, name) => `"${name}":${random(2) ? random(1 << 30) : '9'.repeat(1 + random(40))}`) })
}

function dissect (bytes) {
  const file = path.join(folder, 'damaged')
  fs.writeFileSync(file, bytes)
  const options = { timeout: LIMIT_MS, maxBuffer: 1 << 28, env: { ...process.env, KITH_HOME: path.join(folder, 'nobody') } }
  return spawnSync(KITH, ['--json', 'dissect', file], options)
}

const files = fs.readdirSync(folder).filter(f => f.endsWith('.ssbcap')).sort()
const originals = files.map(f => cutWhole(fs.readFileSync(path.join(folder, f)).subarray(0, PART))).filter(b => b.length)
const names = Object.keys(ways)
const codes = {}
let failed = originals.length === 0
for (let i = 0; i < count && !failed; i++) {
  const way = names[i % names.length]
  const original = originals[random(originals.length)]
  const damaged = ways[way](original)
  const r = dissect(damaged)
  const why = r.error ? r.error.message : r.signal || (r.status > 3 || r.status === 2 ? `exit ${r.status}: ${r.stderr}` : '')
  codes[r.status] = (codes[r.status] || 0) + 1
  if (why) {
    failed = true
    console.log(`not ok ${way}, number ${i} of seed ${seed}: ${why}`)
  }
  if (way === 'cut off' && cutWhole(damaged).length) {
    const before = dissect(cutWhole(damaged)).stdout.toString()
    if (!r.stdout.toString().startsWith(before)) {
      failed = true
      console.log(`not ok number ${i} of seed ${seed}: not all before the tear is shown`)
    }
  }
}
fs.rmSync(path.join(folder, 'damaged'), { force: true })
if (!failed) console.log(`ok ${count} damaged captures, ${names.length} ways: ${Object.entries(codes).map(([k, v]) => `exit ${k} ${v} times`).join(', ')}`)
process.exit(failed ? 1 : 0)
