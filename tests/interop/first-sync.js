'use strict'
// A first sync as a new user has it, watched from beside it.
const { until } = require('./driver')

const CALM_LOOKS = 10

// Feeds to follow: n of middling length that lead on to others, so that there
// is something far. { near: [id…], far: Set(id) } far: all the others
function choose (data, n) {
  const byLength = [...data.feeds].sort((a, b) => b[1] - a[1]).map(([id]) => id)
  const near = byLength.slice(1, 1 + 2 * n).filter((_, i) => i % 2 === 0)
  return { near, far: new Set(byLength.filter(id => !near.includes(id))) }
}

// The newest public post of each feed, where it has one.
function newestPosts (data, ids) {
  const posts = new Map()
  for (const v of data.values) if (ids.includes(v.author) && v.content && v.content.type === 'post') posts.set(v.author, v.sequence)
  return posts
}

// What a local program finds of these feeds' posts by a query of the views.
async function found (node, posts) {
  for (const [author, sequence] of posts) {
    const frames = await node.rpc.source('kith.query', { author, type: 'post', order: 'ts desc', emit: 'value', page: { limit: 10 } })
    if (!frames.some(f => f.body && f.body.sequence === sequence)) return false
  }
  return true
}

// Connects node to sender and waits until all has come that it can want; calls
// sender.told, if there is one, when status has told what is to come. Gives
// { posts_ms, near_ms, all_ms, near, left }; near and left: messages that status
// said were to come, of near feeds and in all, when near ones came.
async function carry (node, sender, data, ids) {
  const posts = newestPosts(data, ids)
  const t0 = process.hrtime.bigint()
  const since = () => Math.round(Number(process.hrtime.bigint() - t0) / 1e6)
  const seen = { near: 0, left: 0 }
  await node.cmd('connect', { addr: sender.addr })
  await until('something to come', async () => {
    const { ebt } = await node.cmd('status')
    if (ebt.near.messages) Object.assign(seen, { near: ebt.near.messages, left: ebt.messages })
    return ebt.near.messages
  })
  if (sender.told) sender.told()
  await until('the followed feeds', async () => (await node.cmd('status')).ebt.near.messages === 0, 120000)
  seen.near_ms = since()
  await until('their newest posts', () => found(node, posts), 120000)
  seen.posts_ms = since()
  // What followed feeds follow is wanted a moment later than it is known.
  let held = 0; let calm = 0
  await until('all', async () => {
    const { ebt, messages } = await node.cmd('status')
    if (messages !== held) seen.all_ms = since()
    calm = ebt.messages === 0 && ebt.feeds > ids.length + 1 && messages === held ? calm + 1 : 0
    held = messages
    return calm === CALM_LOOKS
  }, 300000)
  return seen
}

module.exports = { choose, carry }
