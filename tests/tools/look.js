// Makes tests/tools/look.ndjson, the same each time: what the inspection tools
// must find their way in.  Run by hand: node tests/tools/look.js
'use strict'
const crypto = require('crypto')
const fs = require('fs')
const path = require('path')

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const start = Date.UTC(2019, 2, 12, 14, 5)
const min = 60e3

const sha256 = bytes => crypto.createHash('sha256').update(bytes).digest()
const sign = (what, key) =>
  crypto.sign(null, Buffer.from(JSON.stringify(what, null, 2)), key)
    .toString('base64') + '.sig.ed25519'

function pair (seed) {
  const key = crypto.createPrivateKey({
    key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const pub = crypto.createPublicKey(key)
    .export({ format: 'der', type: 'spki' }).slice(-32)
  return { key, pub, id: '@' + pub.toString('base64') + '.ed25519',
    previous: null, sequence: 0 }
}
const feed = name => pair(sha256('kith look ' + name))

const lines = []
function say (who, at, content) {
  const m = { previous: who.previous, sequence: ++who.sequence,
    author: who.id, timestamp: start + at, hash: 'sha256', content }
  m.signature = sign(m, who.key)
  const text = Buffer.from(JSON.stringify(m, null, 2), 'utf16le')
    .filter((b, i) => i % 2 === 0)
  who.previous = '%' + sha256(text).toString('base64') + '.sha256'
  lines.push(JSON.stringify(m))
  return who.previous
}
const about = (who, at, of, more) =>
  say(who, at, { type: 'about', about: of.id || of, ...more })
const contact = (who, at, id) =>
  say(who, at, { type: 'contact', contact: id, following: true })

const ann = feed('ann'), ben = feed('ben'), cy = feed('cy'), ann2 = feed('ann2')
const blob = '&' + sha256('look').toString('base64') + '.sha256'

// Names: one of one feed, one of two, one that a terminal must not obey.
about(ann, 0, ann, { name: 'Ann', description: 'counts', image: blob })
about(ann2, min, ann2, { name: 'Twin' })
about(ben, min, ben, { name: 'Twin' })
about(cy, min, cy, { name: 'Cy\u202e\u001b[31m<b>' })
about(ben, 2 * min, cy, { name: 'Cyril' })
about(cy, 2 * min, ann, { name: 'Annie' })

// A thread of two branches that meet, and one that hangs on what is not here.
const gone = '%' + sha256('gone').toString('base64') + '.sha256'
const root = say(ann, 10 * min, { type: 'post', channel: 'look',
  text: 'A root, see #garden', mentions: [{ link: ben.id, name: 'ben' },
    { link: blob, name: 'x' }, { link: gone }] })
const left = say(ben, 11 * min, { type: 'post', text: 'left', root,
  branch: root })
const right = say(cy, 11 * min + 1, { type: 'post', text: 'right', root,
  branch: [root] })
say(ann, 12 * min, { type: 'post', text: 'both', root, branch: [left, right] })
say(ben, 13 * min, { type: 'post', text: 'left again', root, branch: left })
say(cy, 14 * min, { type: 'post', text: 'after what is not here', root,
  branch: [gone] })
say(cy, 15 * min, { type: 'vote', vote: { link: root, value: 1 } })

// Boxes that nobody here opens.
const box = n => Buffer.alloc(96, n).toString('base64')
say(ben, 16 * min, box(0x55) + '.box')
say(ben, 17 * min, box(0xaa) + '.box2')

// Two ids that begin alike, of feeds that are not here.
const alike = n => '@' + Buffer.concat([Buffer.from('alike!'),
  Buffer.alloc(26, n)]).toString('base64') + '.ed25519'
contact(ann, 18 * min, alike(1))
contact(ann, 19 * min, alike(2))

// Announcements of a metafeed: one that was replaced, one that holds, one that
// the metafeed did not sign, one of another's feed.
const meta = feed('metafeed')
const uri = 'ssb:feed/bendybutt-v1/' + meta.pub.toString('base64')
  .replace(/\+/g, '-').replace(/\//g, '_')
function announce (who, at, subfeed, key, tangle) {
  const content = { type: 'metafeed/announce', metafeed: uri, subfeed,
    tangles: { metafeed: tangle } }
  content.signature = sign(content, key)
  return say(who, at, content)
}
const first = announce(ann, 20 * min, ann.id, meta.key,
  { root: null, previous: null })
announce(ann, 21 * min, ann.id, meta.key, { root: first, previous: [first] })
announce(ben, 22 * min, ben.id, ben.key, { root: null, previous: null })
announce(cy, 23 * min, ann.id, meta.key, { root: null, previous: null })

// What a terminal must not obey, in a text and in the place of a link; and a
// time that lies ahead of everything.
say(cy, 24 * min, { type: 'post\u001b[2J', text: '\u001b]0;title\u0007 \u202e',
  'a\u001b[31m"b': [{ link: root }] })
say(cy, 1e15, { type: 'post', text: 'from the future' })

// Two messages whose ids begin alike: found by trying.
for (const n of [150341, 442684]) {
  const who = pair(sha256('ambiguous ' + n % 700))
  say(who, 1795264217000 - start + n, { type: 'post', text: 'alike' })
}

// Aliases in a room: one that is there, one that was given back.
const alias = (at, action, name) => say(ben, at, { type: 'room/alias', action,
  alias: name, room: cy.id, aliasURL: 'https://' + name + '.example.org' })
alias(25 * min, 'registered', 'ben')
alias(26 * min, 'registered', 'benny')
alias(27 * min, 'revoked', 'benny')

fs.writeFileSync(path.join(__dirname, 'look.ndjson'), lines.join('\n') + '\n')

// More announcements of ann's metafeed that it did not sign than a list has
// room for, and behind them one that it did.
lines.length = 0
const eve = feed('eve'), dan = feed('dan')
for (let i = 0; i < 65; i++) {
  say(eve, i * min, { type: 'metafeed/announce', metafeed: uri,
    subfeed: eve.id })
}
announce(dan, 70 * min, dan.id, meta.key, { root: null, previous: null })
fs.writeFileSync(path.join(__dirname, 'announced.ndjson'),
  lines.join('\n') + '\n')
