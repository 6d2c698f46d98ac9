'use strict'
// kith tap as a child: between whoever dials tap.addr and the server, until
// stop(). Its capture is tap.file.
const fs = require('fs')
const path = require('path')
const { until, child } = require('./driver')
const { KITH } = require('./kith')

class Tap {
  static async start (t, name, server, secrets, ...args) {
    const tap = new Tap()
    const dir = t.dir(`${name}/tap`)
    tap.file = t.dir(`${name}.ssbcap`)
    tap.log = path.join(dir, 'stderr.log')
    const keys = secrets.flatMap(s => ['--key', s])
    tap.child = child(KITH, ['tap', '--listen', '127.0.0.1:0', '--to', server, ...keys, ...args, tap.file], dir, 'ignore', 'ignore')
    await until('the tap to listen', () => {
      tap.addr = (/listening on ([^ ,]*)/.exec(tap.said()) || [])[1]
      return tap.addr
    })
    tap.port = Number(/:(\d+)(~|$)/.exec(tap.addr)[1])
    return tap
  }

  said () { return fs.readFileSync(this.log, 'utf8') }
  lines () { return fs.readFileSync(this.file, 'utf8').split('\n').filter(Boolean).map(JSON.parse) }

  // Resolves to its exit code.
  stop () {
    this.child.kill('SIGTERM')
    return this.child.exited
  }
}

module.exports = { Tap }
