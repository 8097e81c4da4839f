// Publishers and subscribers on bare sockets, so that what is measured is the sidecar.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'

const topic = 'bench'
const sampled = 8

/** Kept connections, each with one publish on its way. */
export class Publishers {
  #sockets
  #fill
  #idle = []
  #accepted = 0
  #wrong = 0
  #unanswered = 0
  #onAnswer = () => {}

  static async connect(port, count, bodyBytes) {
    const sockets = await Promise.all(Array.from({ length: count }, () => opened(port)))
    return new Publishers(sockets, bodyBytes)
  }

  constructor(sockets, bodyBytes) {
    this.#sockets = sockets
    this.#fill = bodyBytes
    for (const socket of sockets) {
      this.#idle.push(socket)
      socket.on('data', (chunk) => this.#onData(socket, chunk))
    }
  }

  /** As fast as the answers come, or so many a second. */
  async run(milliseconds, perSecond) {
    this.#accepted = 0
    this.#wrong = 0
    const begun = performance.now()
    let sent = 0
    const due = () => {
      if (perSecond === undefined) return this.#idle.length
      return Math.min(this.#idle.length, Math.floor(((performance.now() - begun) / 1000) * perSecond) - sent)
    }
    await new Promise((resolve) => {
      const send = () => {
        if (performance.now() - begun > milliseconds) return finish()
        for (let n = due(); n > 0; n--, sent++) this.#send()
      }
      const clock = perSecond === undefined ? undefined : setInterval(send, 1)
      const finish = () => {
        clearInterval(clock)
        this.#onAnswer = () => this.#unanswered === 0 && resolve()
        this.#onAnswer()
      }
      this.#onAnswer = perSecond === undefined ? send : () => {}
      send()
    })
    return { accepted: this.#accepted, wrong: this.#wrong }
  }

  close() {
    for (const socket of this.#sockets) socket.destroy()
  }

  #send() {
    const socket = this.#idle.pop()
    this.#unanswered++
    const body = String(performance.now()).padEnd(this.#fill)
    socket.write(
      `POST /broker?topic=${topic} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  }

  // An answer to a publish is short and comes in one piece.
  #onData(socket, chunk) {
    this.#unanswered--
    if (chunk.toString('latin1', 0, 12) === 'HTTP/1.1 200') this.#accepted++
    else this.#wrong++
    this.#idle.push(socket)
    this.#onAnswer()
  }
}

/** WebSockets that count frames, and look into some of them for their age. */
export class Subscribers {
  #sockets
  #count = 0
  #ages = []

  static async connect(port, count) {
    const sockets = await Promise.all(Array.from({ length: count }, () => subscribed(port)))
    return new Subscribers(sockets)
  }

  constructor(sockets) {
    this.#sockets = sockets
    for (const socket of sockets) {
      const counter = new FrameCounter((json) => this.#onFrame(json))
      socket.on('data', (chunk) => counter.push(chunk))
    }
  }

  get size() {
    return this.#sockets.length
  }

  reset() {
    this.#count = 0
    this.#ages = []
  }

  /** Waits for what is on its way. */
  async settle(messages) {
    for (let i = 0; i < 100 && this.#count < messages * this.size; i++) await new Promise((r) => setTimeout(r, 20))
  }

  result() {
    const ages = this.#ages.toSorted((a, b) => a - b)
    const at = (share) => ages[Math.min(ages.length - 1, Math.floor(ages.length * share))] ?? Number.NaN
    return { count: this.#count, p50: at(0.5), p99: at(0.99) }
  }

  close() {
    for (const socket of this.#sockets) socket.destroy()
  }

  #onFrame(json) {
    if (this.#count++ % sampled !== 0) return
    const body = Buffer.from(/"Body":"([^"]*)"/.exec(json.toString('latin1'))[1], 'base64').toString()
    this.#ages.push(performance.now() - Number(body.trim()))
  }
}

/** A server's frames, whatever the pieces they come in. */
class FrameCounter {
  #onFrame
  #rest = Buffer.alloc(0)

  constructor(onFrame) {
    this.#onFrame = onFrame
  }

  push(chunk) {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      const length = bytes[1] === 126 && bytes.length >= 4 ? bytes.readUInt16BE(2) : bytes[1]
      const head = bytes[1] === 126 ? 4 : 2
      if (bytes.length < head || bytes.length < head + length) break
      if (bytes[0] === 0x81) this.#onFrame(bytes.subarray(head, head + length))
      bytes = bytes.subarray(head + length)
    }
    this.#rest = bytes
  }
}

async function opened(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return socket
}

async function subscribed(port) {
  const socket = await opened(port)
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET /broker?topic=${topic} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  const [answer] = await once(socket, 'data')
  if (!answer.toString().startsWith('HTTP/1.1 101')) throw new Error(`no subscription: ${answer}`)
  return socket
}
