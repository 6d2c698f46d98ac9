'use strict'
// What lies in a folder, to be compared with what lies there later.
const fs = require('fs')
const path = require('path')
const crypto = require('crypto')

// Every file below dir with its bytes, mode and time of change.
function snapshot (dir) {
  const out = []
  for (const e of fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1)) {
    const file = path.join(dir, e.name)
    const s = fs.lstatSync(file)
    if (e.isDirectory()) out.push(file, s.mtimeMs, snapshot(file))
    else if (e.isFile()) out.push(file, s.mode, s.mtimeMs, crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex'))
  }
  return JSON.stringify(out)
}

module.exports = { snapshot }
