'use strict'
// Classic messages by hand, right and wrong, and the reprint that others are
// compared with. What JSON.stringify gives is by definition the signed form.
const crypto = require('crypto')
const { sign } = require('./wire')

const idOf = value => '%' + crypto.createHash('sha256')
  .update(Buffer.from(JSON.stringify(value, null, 2), 'latin1')).digest('base64') + '.sha256'

// The next message of self after previous (a value, or null). change(value)
// may spoil it before it is signed.
function next (self, previous, content, change = () => {}) {
  const value = {
    previous: previous ? idOf(previous) : null,
    sequence: previous ? previous.sequence + 1 : 1,
    author: self.id,
    timestamp: previous ? previous.timestamp + 1 : Date.now(),
    hash: 'sha256',
    content
  }
  change(value)
  value.signature = sign(self.secretKey, Buffer.from(JSON.stringify(value, null, 2))).toString('base64') + '.sig.ed25519'
  return value
}

// Adds n posts to a feed of self.
function posts (self, feed, n, text) {
  for (let i = 0; i < n; i++) feed.push(next(self, feed[feed.length - 1] || null, { type: 'post', text: `${text} ${i}` }))
  return feed
}

module.exports = { idOf, next, posts }
