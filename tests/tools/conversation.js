// Makes tests/tools/conversation.ndjson and ada.secret, the same each time: a
// small conversation with all that a terminal must show well, and some that it
// must survive.  Run by hand: node tests/tools/conversation.js
'use strict'
const crypto = require('crypto')
const fs = require('fs')
const path = require('path')

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const DAY = 86400e3
const start = Date.UTC(2019, 2, 12, 14, 5)

function feed (name) {
  const seed = crypto.createHash('sha256').update('kith test ' + name).digest()
  const key = crypto.createPrivateKey({
    key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const pub = crypto.createPublicKey(key)
    .export({ format: 'der', type: 'spki' }).slice(-32)
  return { seed, key, pub, id: '@' + pub.toString('base64') + '.ed25519',
    previous: null, sequence: 0 }
}

const lines = []
function say (who, at, content) {
  const m = { previous: who.previous, sequence: ++who.sequence,
    author: who.id, timestamp: start + at, hash: 'sha256', content }
  m.signature = crypto.sign(null, Buffer.from(JSON.stringify(m, null, 2)),
    who.key).toString('base64') + '.sig.ed25519'
  const text = Buffer.from(JSON.stringify(m, null, 2), 'utf16le')
    .filter((b, i) => i % 2 === 0)
  who.previous = '%' + crypto.createHash('sha256').update(text)
    .digest('base64') + '.sha256'
  lines.push(JSON.stringify(m))
  return who.previous
}
const post = (who, at, text, more) =>
  say(who, at, { type: 'post', text, ...more })
const about = (who, at, of, more) =>
  say(who, at, { type: 'about', about: of.id || of, ...more })
const contact = (who, at, to, edge) =>
  say(who, at, { type: 'contact', contact: to.id, ...edge })
const vote = (who, at, link, value, expression) =>
  say(who, at, { type: 'vote', vote: { link, value, expression } })

const ada = feed('ada'), bob = feed('bob'), carol = feed('carol')
const dan = feed('dan'), eve = feed('eve'), frank = feed('frank')
const blob = '&' + crypto.createHash('sha256').update('x').digest('base64') +
  '.sha256'
const min = 60e3

about(ada, 0, ada, { name: 'Ada', description:
  'Counts things. Likes *gardens* and [looms](https://example.org/looms).',
  image: { link: blob, type: 'image/png', size: 1 } })
about(bob, 1 * min, bob, { name: 'bob' })
about(carol, 2 * min, carol, { name: '@Carol', image: blob })
about(dan, 3 * min, dan, { name: 'Dan' })
about(eve, 4 * min, eve, { name: 'Bob' })
about(ada, 5 * min, bob, { name: 'Bob' })
for (const who of [bob, carol, frank]) contact(ada, 6 * min, who, { following: true })
contact(ada, 7 * min, dan, { blocking: true })
contact(bob, 8 * min, ada, { following: true })
contact(carol, 9 * min, ada, { following: true, blocking: false })
contact(carol, 9 * min, eve, { following: true })
contact(eve, 10 * min, ada, { following: true })
contact(dan, 10 * min, ada, { following: true })

// A thread with two branches, likes, an answer of somebody blocked.
const root = post(bob, 1 * DAY, 'What do you **grow** this year? I have\n\n' +
  '- tomatoes\n- beans, of which I shall have far too many, since every ' +
  'single one of the seeds came up\n\nand no idea what to do with them.',
  { channel: 'garden' })
const a1 = post(carol, 1 * DAY + 10 * min, 'Peas! See [@Ada](' + ada.id +
  '), who has [a list](https://example.org/list?a=1&b=2) of what goes with ' +
  'what, and ' + root + '.',
  { root, branch: root, mentions: [{ link: ada.id, name: 'Ada' }] })
const a2 = post(ada, 1 * DAY + 20 * min, '> Peas!\n\nYes, and `Vicia faba`:' +
  '\n\n```\nrow 1: beans\nrow 2: peas\n```', { root, branch: a1 })
const b1 = post(frank, 1 * DAY + 30 * min, 'Only #basil 🌿 on the sill.',
  { root, branch: root, mentions: [{ link: '#basil' }] })
post(dan, 1 * DAY + 40 * min, 'I am blocked, and not to be seen.',
  { root, branch: b1 })
const c1 = post(bob, 1 * DAY + 50 * min, 'Thank you both.',
  { root, branch: [a2, b1], reply: { [a2]: ada.id } })
vote(carol, 1 * DAY + 60 * min, a2, 1, 'Like')
vote(bob, 1 * DAY + 61 * min, a2, 1, 'Dig')
vote(eve, 1 * DAY + 62 * min, a2, 1, 'Like')
vote(frank, 1 * DAY + 63 * min, a2, 1, '')
vote(dan, 1 * DAY + 64 * min, a2, 1, 'Like')
vote(carol, 1 * DAY + 65 * min, c1, 1, 'Like')
vote(carol, 1 * DAY + 66 * min, c1, 0, 'Unlike')

// An answer to what is not here.
const lost = '%' + crypto.createHash('sha256').update('lost').digest('base64') +
  '.sha256'
post(carol, 2 * DAY, 'An answer to what never came.', { root: lost, branch: lost })

// All of Markdown, wide signs, an image.
post(carol, 3 * DAY, '# Sundays\n\n| day | sown |\n|---|---:|\n| Sunday | 12 |\n' +
  '| 月曜日 | 3 |\n\n![the bed](' + blob + ') <script>alert(1)</script>\n\n' +
  'https://example.org/' + 'x'.repeat(100), { channel: '#Garden' })
post(bob, 3 * DAY + min, 'This is long and hidden.',
  { contentWarning: 'spiders' })

// Clocks that lie: after what follows, and before what came earlier.
post(carol, Date.UTC(2031, 0, 1) - start, 'From the future.')
post(carol, 4 * DAY, 'And now from the present again.')
post(bob, -400 * DAY, 'From long ago, they say.')

// What is hostile: escapes, reordering, and words without an end.
post(frank, 5 * DAY, '\u001b[2J\u001b[31mred\u001b[0m \u202egnitirwer\u202c ' +
  'zero\u200bwidth \u0007 ' + '>'.repeat(40) + 'W'.repeat(300))
about(frank, 5 * DAY, frank, { name: '\u202e\u001b]0;x\u0007' })
// What is malformed, of every known type.
say(frank, 5 * DAY + min, { type: 'post', text: 42 })
say(frank, 5 * DAY + min, { type: 'post', text: { a: 1 }, root: 7, branch: {} })
say(frank, 5 * DAY + min, { type: 'post', text: '', mentions: 'no list' })
say(frank, 5 * DAY + min, { type: 'post', text: 'many', mentions:
  Array.from({ length: 500 }, (_, i) => i) })
say(frank, 5 * DAY + min, { type: 'about', about: 3, name: ['x'] })
say(frank, 5 * DAY + min, { type: 'about', about: carol.id, name: { a: 1 } })
say(frank, 5 * DAY + min, { type: 'contact', contact: 'nobody', following: 'yes' })
say(frank, 5 * DAY + min, { type: 'contact', contact: frank.id, blocking: true })
say(frank, 5 * DAY + min, { type: 'vote', vote: 'up' })
say(frank, 5 * DAY + min, { type: 'vote', vote: { link: a2, value: 'lots' } })
say(frank, 5 * DAY + min, { type: 'channel', channel: 12, subscribed: 'x' })
say(frank, 5 * DAY + min, 'bm90IHJlYWxseSBib3hlZA==.box')
say(frank, 5 * DAY + min, { type: 'about', about: ada.id, name: 'N'.repeat(5000) })
say(carol, 5 * DAY + min, { type: 'channel', channel: 'garden', subscribed: true })
say(ada, 5 * DAY + min, { type: 'channel', channel: 'Garden', subscribed: true })

const here = path.join(__dirname, 'conversation.ndjson')
fs.writeFileSync(here, lines.join('\n') + '\n')
fs.writeFileSync(path.join(__dirname, 'ada.secret'), JSON.stringify({
  curve: 'ed25519', public: ada.pub.toString('base64') + '.ed25519',
  private: Buffer.concat([ada.seed, ada.pub]).toString('base64') + '.ed25519',
  id: ada.id }, null, 2) + '\n')
