'use strict'
// 10,000 messages of 100 authors, whole, both ways, with both npm peers. Each
// message that arrived is compared with the source data by a reprint here.
const { start, until } = require('./driver')
const { main } = require('./harness')
const { load } = require('./dataset')
const { idOf } = require('./classic')

const N = Number(process.env.WHOLE || 10000)

// Everything p holds of these feeds, as [id, value].
async function messages (p, feeds) {
  const out = []
  for (const [id, count] of feeds) {
    for (const m of (await p.cmd('feed', { id, seq: 1, limit: count })).msgs) out.push([m.key, m.value])
  }
  return out
}

async function compare (t, what, p, data) {
  const want = new Map(data.values.map(v => [idOf(v), JSON.stringify(v)]))
  const got = await messages(p, data.feeds)
  let wrong = 0
  for (const [key, value] of got) {
    if (idOf(value) !== key || want.get(key) !== JSON.stringify(value)) wrong++
    want.delete(key)
  }
  t.equal(`${what}: none is missing`, want.size, 0)
  t.equal(`${what}: none differs from the source`, wrong, 0)
}

async function carry (t, from, to) {
  const what = `${from} to ${to}`
  const data = load(N)
  const ids = [...data.feeds.keys()]
  const a = await start(from, { dir: t.dir(`${from}-${to}/a`) })
  const b = await start(to, { dir: t.dir(`${from}-${to}/b`) })
  await a.cmd('request', { ids })
  await b.cmd('request', { ids })
  await a.cmd('load', { file: data.file })
  const t0 = Date.now()
  await b.cmd('connect', { addr: a.addr })
  await t.done(`${what}: arrives`, until('the whole', async () => {
    const { clock } = await b.cmd('clock')
    return ids.every(id => clock[id] === data.feeds.get(id))
  }, 120000))
  t.note(`${N} messages in ${Date.now() - t0} ms`)
  await compare(t, what, b, data)
  await Promise.all([a.quit(), b.quit()])
}

main(async t => {
  await carry(t, 'modern', 'kith')
  await carry(t, 'kith', 'modern')
  await carry(t, 'legacy', 'kith')
  await carry(t, 'kith', 'legacy')
  await carry(t, 'kith', 'kith')
})
