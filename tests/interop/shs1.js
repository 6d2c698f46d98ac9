'use strict'
// The npm suite shs1-test against our handshake in both roles, for SEEDS seeds.
const { spawnSync } = require('child_process')
const path = require('path')
const { build } = require('./kith')
const { main } = require('./harness')

const program = path.join(build, 'tests/interop/shs1')
const seeds = Number(process.env.SEEDS || 2)

main(async t => {
  for (const role of ['server', 'client']) {
    const suite = require.resolve(`shs1-test/test-${role}.js`)
    for (let seed = 1; seed <= seeds; seed++) {
      const r = spawnSync(process.execPath, [suite, program, String(seed)], { encoding: 'utf8', timeout: 120000 })
      if (!t.ok(`${role}, seed ${seed}`, r.status === 0)) t.note((r.stdout + r.stderr).slice(0, 600))
    }
  }
})
