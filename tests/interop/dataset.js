'use strict'
// The data set of n messages: 100 authors, about 12 % private, seed ssb-lab-1.
// Made once (10 s for 10,000, 90 s for 100,000) and kept in the build folder.
const { execFileSync } = require('child_process')
const fs = require('fs')
const path = require('path')
const zlib = require('zlib')
const { build } = require('./kith')

function dataset (n) {
  const dir = path.join(build, 'data')
  const file = path.join(dir, `fx-${n}.jsonl`)
  if (fs.existsSync(file)) return file
  fs.mkdirSync(dir, { recursive: true })
  const made = path.join(__dirname, `../../../shared/lab/data/fx-${n / 1000}k.jsonl.gz`)
  const part = `${file}.${process.pid}`
  if (fs.existsSync(made)) {
    fs.writeFileSync(part, zlib.gunzipSync(fs.readFileSync(made)))
  } else {
    const scratch = fs.mkdtempSync(path.join(dir, 'made-'))
    execFileSync(process.execPath, [path.join(__dirname, 'extra/gen-fixture.js'), scratch, part, n, 100, 'ssb-lab-1'],
      { stdio: ['ignore', 'ignore', 'inherit'] })
    fs.rmSync(scratch, { recursive: true })
  }
  fs.renameSync(part, file)
  return file
}

// { file, values: [value…] in log order, feeds: Map(author -> count) }
function load (n) {
  const file = dataset(n)
  const values = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line).value)
  const feeds = new Map()
  for (const v of values) feeds.set(v.author, v.sequence)
  return { file, values, feeds }
}

module.exports = { dataset, load }
