'use strict'
// One EBT session with kithd k, as the identity self, by hand.
// notes: all that kithd said, merged; messages: all that came; onMessage(value);
// onCall(frame) for requests of kithd
const { session, JSONBODY, STREAM, END } = require('./wire')

async function ebt (k, self, onMessage = () => {}, onCall = undefined) {
  const s = { notes: {}, ended: false, messages: [] }
  s.rpc = await session(self, k.port, Buffer.from(k.id.slice(1, -8), 'base64'), { onCall })
  const request = s.rpc.stream('duplex', 'ebt.replicate', [{ version: 3, format: 'classic' }], f => {
    if (!f || f.flags & END) {
      s.ended = true
    } else if (f.body && f.body.author) {
      s.messages.push(f.body)
      onMessage(f.body)
    } else {
      Object.assign(s.notes, f.body)
    }
  })
  s.send = body => s.rpc.send(STREAM | JSONBODY, request, body)
  s.fail = message => s.rpc.send(STREAM | END | JSONBODY, request, { name: 'Error', message, stack: '' })
  return s
}

// What stands in a note: the last message held, and whether more are wanted.
const note = (sequence, receive = true) => sequence << 1 | (receive ? 0 : 1)

module.exports = { ebt, note }
