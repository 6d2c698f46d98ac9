'use strict'
// Ways to damage a file, drawn from a seed.  Each takes bytes and gives others.
module.exports = function harm (seed) {
  let state = seed
  function random (n) { // below n; mulberry32
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return Math.floor(((x ^ (x >>> 14)) >>> 0) / 4294967296 * n)
  }
  const noise = n => Buffer.from({ length: n }, () => random(256))
  const piece = b => { const at = random(b.length); return [at, Math.min(b.length, at + 1 + random(4096))] }
  const changed = (b, change) => { const c = Buffer.from(b); change(c); return c }
  const split = b => b.toString('latin1').split('\n').slice(0, -1)
  const join = lines => Buffer.from(lines.map(l => l + '\n').join(''), 'latin1')
  function lines (b, change) {
    const list = split(b)
    if (list.length) change(list, random(list.length), random(list.length))
    return join(list)
  }
  return {
    random,
    lines,
    ofBytes: {
      'cut off': b => b.subarray(0, random(b.length)),
      'a bit flipped': b => changed(b, c => { c[random(c.length)] ^= 1 << random(8) }),
      'bytes overwritten': b => changed(b, c => { const at = random(c.length); noise(Math.min(100, c.length - at)).copy(c, at) }),
      zeros: b => changed(b, c => { const at = random(c.length); c.fill(0, at, Math.min(at + 4096, c.length)) }),
      'the whole twice': b => Buffer.concat([b, b])
    },
    ofPieces: {
      'the front lost': b => b.subarray(random(b.length)),
      'a piece lost': b => { const [from, to] = piece(b); return Buffer.concat([b.subarray(0, from), b.subarray(to)]) },
      'a piece twice': b => { const [from, to] = piece(b); return Buffer.concat([b.subarray(0, to), b.subarray(from)]) },
      'pieces swapped': b => changed(b, c => { const [from, to] = piece(b); const [at] = piece(b); b.copy(c, at, from, to); b.copy(c, from, at, at + to - from) }),
      'pages swapped': b => changed(b, c => { const [one, other] = [random(b.length), random(b.length)].map(at => at & ~4095); b.copy(c, one, other, other + 4096); b.copy(c, other, one, one + 4096) }),
      'a hostile number': b => changed(b, c => { const at = random(c.length); c.fill([0xff, 0x7f, 0x80][random(3)], at, Math.min(at + 1 + random(8), c.length)) }),
      'noise behind': b => Buffer.concat([b, noise(1 + random(5000))]),
      'nothing but noise': b => noise(random(b.length)),
      'nothing at all': () => Buffer.alloc(0)
    },
    ofLines: {
      'a line lost': b => lines(b, (l, i) => l.splice(i, 1)),
      'the first line lost': b => lines(b, l => l.shift()),
      'a line twice': b => lines(b, (l, i) => l.splice(i, 0, l[i])),
      'lines swapped': b => lines(b, (l, i, j) => { [l[i], l[j]] = [l[j], l[i]] }),
      'lines reversed': b => lines(b, l => l.reverse()),
      'two lines in one': b => lines(b, (l, i) => l.splice(i, 2, l[i] + (l[i + 1] || ''))),
      'a foreign line': b => lines(b, (l, i) => l.splice(i, 0, '{"hello":"world"}'))
    }
  }
}
