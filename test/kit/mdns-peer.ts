import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type DnsMessage, type DnsQuestion, TYPE } from '../../src/registry/mdns/dns-message.js'
import { readMessage } from '../../src/registry/mdns/read-message.js'
import { writeQuery } from '../../src/registry/mdns/write-message.js'

export const GROUP = '224.0.0.251'

export interface Heard extends DnsMessage {
  readonly bytes: Buffer
  readonly from: RemoteInfo
  /** `performance.now()`. */
  readonly at: number
}

/** Somebody else on the loopback's mDNS: hears all that is said to the group, and what is said to it alone. */
export class MdnsPeer {
  readonly heard: Heard[] = []
  readonly port: number
  readonly #listener: Socket
  readonly #asker: Socket
  readonly #waiting = new Set<() => void>()

  private constructor(port: number, listener: Socket, asker: Socket) {
    this.port = port
    this.#listener = listener
    this.#asker = asker
    for (const socket of [listener, asker]) socket.on('message', (bytes, from) => this.#take(bytes, from))
  }

  static async join(port: number): Promise<MdnsPeer> {
    const listener = await bound(GROUP, port)
    listener.addMembership(GROUP, '127.0.0.1')
    const asker = await bound('127.0.0.1', 0)
    asker.setMulticastInterface('127.0.0.1')
    return new MdnsPeer(port, listener, asker)
  }

  /** To the group, from a port of its own. */
  async say(bytes: Buffer): Promise<void> {
    await new Promise((resolve) => this.#asker.send(bytes, this.port, GROUP, resolve))
  }

  async ask(name: string, type: number = TYPE.PTR): Promise<void> {
    await this.say(writeQuery([{ name, type, class: 1 }]))
  }

  async answer(bytes: Buffer, to: RemoteInfo): Promise<void> {
    await new Promise((resolve) => this.#asker.send(bytes, to.port, to.address, resolve))
  }

  /** The first message there was or will be that fits. */
  async hears(fits: (message: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = this.heard.find(fits)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  asks(fits: (question: DnsQuestion) => boolean): Promise<Heard> {
    return this.hears((message) => !message.isResponse && message.questions.some(fits))
  }

  close(): void {
    this.#listener.close()
    this.#asker.close()
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    const message = readMessage(bytes)
    if (message === undefined) return
    this.heard.push({ ...message, bytes, from, at: performance.now() })
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

let next = 20_000 + (process.pid % 20_000)

/** Of a network of its own: multicast to one port is not heard at another. */
export function mdnsPort(): number {
  next++
  return next
}

async function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.bind(port, address)
  await once(socket, 'listening')
  return socket
}
