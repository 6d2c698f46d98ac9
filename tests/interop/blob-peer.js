'use strict'
// A peer by hand that offers, wants and serves blobs, well or badly.
//   const p = await BlobPeer.join(k); p.offer(data, 'lying'); p.say({ [id]: -1 })
// heard: all that kithd said on its createWants, merged; gets: what it asked for.
const { session, identity, blobId, BINARY, STRING, JSONBODY, STREAM, END } = require('./wire')

const CHUNK = 65536
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

class BlobPeer {
  // o: { self, legacy: knows no createWants, slice: serves getSlice }
  static async join (k, o = {}) {
    const p = Object.assign(new BlobPeer(), { legacy: false, slice: false }, o)
    p.self = o.self || identity()
    p.id = p.self.id
    p.blobs = new Map()
    p.heard = {}
    p.items = 0
    p.gets = []
    p.asked = []
    p.sent = 0
    p.waiting = []
    p.rpc = await session(p.self, k.port, Buffer.from(k.id.slice(1, -8), 'base64'), { onCall: f => p.called(f) })
    if (!p.legacy) {
      p.rpc.stream('source', 'blobs.createWants', [], f => {
        if (!f || f.flags & END) return
        p.items++
        Object.assign(p.heard, f.body)
        p.answer(f.body)
      })
    }
    return p
  }

  // Has it from now on, and says so. how: see serve.
  offer (data, how = 'well', id = blobId(data)) {
    this.blobs.set(id, { data, how })
    if (this.legacy) this.tell(id)
    else this.say({ [id]: data.length })
    return id
  }

  // As every peer does that hears a want of what it has.
  answer (item) {
    for (const id in item) if (item[id] < 0 && this.blobs.has(id)) this.say({ [id]: this.blobs.get(id).data.length })
  }

  // An item of the stream that kithd opened, as soon as it did.
  say (item) { this.wants ? this.rpc.send(STREAM | JSONBODY, this.wants, item) : this.waiting.push(item) }
  tell (id) { if (this.changes) this.rpc.send(STREAM | STRING, this.changes, id) }

  refuse (f, message) {
    this.rpc.send(END | JSONBODY | (f.flags & STREAM), -f.request, { message, name: 'Error', stack: '' })
  }

  called (f) {
    if (f.flags & END || !f.body.name) return this.stopped && this.stopped(f)
    const name = [].concat(f.body.name).join('.')
    const [arg] = f.body.args
    if (name === 'blobs.createWants' && !this.legacy) {
      this.wants = -f.request
      this.say({})
      for (const item of this.waiting.splice(0)) this.say(item)
    } else if (name === 'blobs.changes') {
      this.changes = -f.request
    } else if (name === 'blobs.has') {
      this.asked.push(...[].concat(arg))
      this.rpc.send(JSONBODY, -f.request, Array.isArray(arg) ? arg.map(id => this.blobs.has(id)) : this.blobs.has(arg))
    } else if (name === 'blobs.get' || (name === 'blobs.getSlice' && this.slice)) {
      this.serve(f, arg, this.blobs.get(arg.key || arg.hash || arg.id || arg)).catch(() => {})
    } else {
      this.refuse(f, `method:${name.replace('.', ',')} is not in list of allowed methods`)
    }
  }

  async serve (f, arg, blob) {
    const { start = 0, end = Infinity } = arg
    this.gets.push({ id: arg.key || arg, start })
    if (!blob) return this.refuse(f, 'could not get blob')
    const { how } = blob
    const whole = how === 'lying' ? Buffer.from(blob.data).reverse() : blob.data
    const data = whole.subarray(start, Math.min(end, whole.length))
    const half = Math.min(data.length, blob.cutAt || data.length >> 1)
    if (how === 'silent') return
    for (let at = 0; at < data.length || how === 'endless'; at += CHUNK) {
      if (how === 'cut' && at >= half) return this.leave()
      if (how === 'failing' && at >= half) return this.refuse(f, 'disk is on fire')
      if (how === 'slow') await pause(50)
      if (how === 'endless') await pause(0)
      if (this.rpc.ended) return
      const chunk = how === 'endless' ? Buffer.alloc(CHUNK, 1) : data.subarray(at, at + CHUNK)
      this.sent += chunk.length
      if (how === 'json') this.rpc.send(STREAM | JSONBODY, -f.request, { chunk: chunk.toString('base64') })
      else this.rpc.send(STREAM | BINARY, -f.request, chunk)
    }
    this.rpc.send(STREAM | END | JSONBODY, -f.request, true)
  }

  // Hangs up, once what was written is on its way.
  async leave () { this.rpc.destroy(true); await this.rpc.done }
}

module.exports = { BlobPeer, blobId, pause }
