import type { Message } from './broker.js'
import { jsonHead, jsonTail, namedJsonHead } from './message-json.js'
import { longestFrameHead, writeFrameHead } from './text-frame.js'

/**
 * How a subscriber wants its messages: a WebSocket's frame, the same with the topic in it, a server-sent event, and the
 * frame of a socket.io packet on the namespace `/broker`.
 */
export type Form = 'frame' | 'named-frame' | 'event' | 'packet'

/** A message on its way to many: each form is made when the first asks for it, and then shared. */
export class Encoded {
  readonly topic: string
  readonly message: Message
  #jsonHead: string | undefined
  #frame: Buffer | undefined
  #namedFrame: Buffer | undefined
  #event: Buffer | undefined
  #packet: Buffer | undefined

  constructor(topic: string, message: Message) {
    this.topic = topic
    this.message = message
  }

  in(form: Form): Buffer {
    switch (form) {
      case 'frame':
        this.#frame ??= frame(this.#head(), this.message.body)
        return this.#frame
      case 'named-frame':
        this.#namedFrame ??= frame(namedJsonHead(this.topic, this.#head()), this.message.body)
        return this.#namedFrame
      case 'event':
        this.#event ??= event(this.#head(), this.message.body)
        return this.#event
      case 'packet':
        this.#packet ??= frame(packetHead(this.topic, this.#head()), this.message.body, packetTail)
        return this.#packet
    }
  }

  #head(): string {
    this.#jsonHead ??= jsonHead(this.message)
    return this.#jsonHead
  }
}

/** A server's WebSocket frame, ready to be written to any number of sockets. */
function frame(head: string, body: Buffer, tail = jsonTail): Buffer {
  const length = Buffer.byteLength(head) + base64Length(body) + tail.length
  const bytes = Buffer.allocUnsafe(longestFrameHead + length)
  const start = writeFrameHead(bytes, length)
  writeJson(bytes, start, head, body, tail)
  return bytes.subarray(0, start + length)
}

/** An event `message` with two arguments, the topic and the message. */
function packetHead(topic: string, head: string): string {
  return `42/broker,["message",${JSON.stringify(topic)},${head}`
}

const packetTail = `${jsonTail}]`

const field = 'data: '

function event(head: string, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(field.length + Buffer.byteLength(head) + base64Length(body) + jsonTail.length + 2)
  const end = writeJson(bytes, bytes.write(field, 0, 'latin1'), head, body)
  bytes.write('\n\n', end, 'latin1')
  return bytes
}

/** In parts: one text of it all would be made only to be copied. */
function writeJson(bytes: Buffer, start: number, head: string, body: Buffer, tail = jsonTail): number {
  const headEnd = start + bytes.write(head, start)
  const bodyEnd = headEnd + bytes.write(body.toString('base64'), headEnd, 'latin1')
  return bodyEnd + bytes.write(tail, bodyEnd, 'latin1')
}

function base64Length(body: Buffer): number {
  return Math.ceil(body.length / 3) * 4
}
