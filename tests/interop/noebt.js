'use strict'
// A legacy peer without EBT replicates with kithd by createHistoryStream.
const { start } = require('./driver')
const { main } = require('./harness')

const legacy = dir => start('legacy', { dir, 'no-ebt': true })
const kith = dir => start('kith', { dir })

async function meet (t, name, makeA, makeB) {
  const a = await makeA(t.dir(name + '/a'))
  const b = await makeB(t.dir(name + '/b'))
  await a.cmd('follow', { id: b.id })
  await b.cmd('follow', { id: a.id })
  await a.cmd('seed', { n: 20 })
  await b.cmd('seed', { n: 20 })
  await a.cmd('connect', { addr: b.addr })
  await t.done(`${name}: backlog to the dialled`, b.has(a.id, 21))
  await t.done(`${name}: backlog to the dialler`, a.has(b.id, 21))
  await a.cmd('seed', { n: 1 })
  await t.done(`${name}: live to the dialled`, b.has(a.id, 22))
  await b.cmd('seed', { n: 1 })
  await t.done(`${name}: live to the dialler`, a.has(b.id, 22))
  await Promise.all([a.quit(), b.quit()])
}

main(async t => {
  await meet(t, 'legacy dials kith', legacy, kith)
  await meet(t, 'kith dials legacy', kith, legacy)
})
