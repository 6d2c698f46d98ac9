'use strict'
// The words of a key, both ways, against the npm package ssb-keys-mnemonic.
const fs = require('fs')
const { spawnSync } = require('child_process')
const { KITH } = require('./kith')
const { main } = require('./harness')
const { identity } = require('./wire')
const { keysToWords, wordsToKeys } = require('ssb-keys-mnemonic')

const count = Number(process.env.KEYS || 40)

// A key as ssb-keys has it. (Node's own generateKeyPairSync and export hang for
// ever when a garbage collection comes in between.)
function generate () {
  const { publicKey, secretKey, id } = identity()
  return {
    curve: 'ed25519',
    public: publicKey.toString('base64') + '.ed25519',
    private: secretKey.toString('base64') + '.ed25519',
    id
  }
}

main(async t => {
  const kith = (home, input, ...args) => spawnSync(KITH, ['--home', t.dir(home), ...args], { input, encoding: 'utf8' })
  const secret = home => JSON.parse(fs.readFileSync(`${t.dir(home)}/secret`, 'utf8').replace(/^#.*$/mg, ''))
  let ours = 0; let theirs = 0; let typos = 0
  for (let i = 0; i < count; i++) {
    const made = kith(`made${i}`, '', 'init')
    const words = kith(`made${i}`, '', 'words').stdout.trim()
    const keys = wordsToKeys(words)
    if (made.status === 0 && keys.id === made.stdout.trim() && keys.private === secret(`made${i}`).private) ours++
  }
  for (let i = 0; i < count; i++) {
    const keys = generate()
    const words = keysToWords(keys)
    const read = kith(`read${i}`, words, 'init', '--words')
    if (read.status === 0 && read.stdout.trim() === keys.id && secret(`read${i}`).private === keys.private) theirs++
    // One word in another's place: both find it, or neither does.
    const wrong = words.split(' ')
    wrong[i % 24] = wrong[(i + 1) % 24]
    let taken = true
    try { wordsToKeys(wrong.join(' ')) } catch { taken = false }
    if ((kith(`wrong${i}`, wrong.join(' '), 'init', '--words').status === 0) === taken) typos++
  }
  t.ok(`the npm package reads the words of ${count} keys of kith`, ours === count)
  t.ok(`kith reads the words of ${count} keys of the npm package`, theirs === count)
  t.ok(`both agree on ${count} wrong words`, typos === count)
})
