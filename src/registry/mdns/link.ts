import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { BlockList } from 'node:net'

/** mDNS over IPv4. */
export const group = '224.0.0.251'

export interface LinkAddress {
  /** `eth0`. */
  readonly name: string
  readonly address: string
  /** `192.0.2.7/24`. */
  readonly cidr: string
}

/** What the network's own sockets and those of its links have in common. */
export interface SocketOptions {
  readonly address: string
  readonly port: number
  onMessage(bytes: Buffer, from: RemoteInfo): void
}

/** One interface: it asks from a port of its own, where answers come, and speaks from the port of all. */
export class Link {
  readonly address: LinkAddress
  readonly #asker: Socket
  readonly #speaker: Socket
  readonly #port: number
  readonly #ownPort: number
  readonly #subnet = new BlockList()

  private constructor(address: LinkAddress, port: number, asker: Socket, speaker: Socket) {
    this.address = address
    this.#port = port
    this.#asker = asker
    this.#speaker = speaker
    this.#ownPort = asker.address().port
    const [network = address.address, bits = '32'] = address.cidr.split('/')
    this.#subnet.addSubnet(network, Number(bits))
  }

  /** Rejects when the interface cannot be spoken on. */
  static async open(address: LinkAddress, port: number, onMessage: (bytes: Buffer, from: RemoteInfo) => void) {
    // Whoever is not on this network has nothing to say here.
    const onNear = (bytes: Buffer, from: RemoteInfo) => {
      if (link.isNear(from.address)) onMessage(bytes, from)
    }
    const asker = await openSocket({ address: address.address, port: 0, onMessage: onNear })
    // Where the port of all cannot be had, one's own has to do.
    const speaker = await openSocket({ address: address.address, port, onMessage: onNear }).catch(() => asker)
    const link = new Link(address, port, asker, speaker)
    for (const socket of new Set([asker, speaker])) speakOn(socket, address.address)
    return link
  }

  /** The host is on the network that this interface is on. */
  isNear(host: string): boolean {
    return this.#subnet.check(host)
  }

  /** These bytes are this link's own question, come round. */
  isAsker({ address, port }: RemoteInfo): boolean {
    return address === this.address.address && port === this.#ownPort
  }

  ask(bytes: Buffer): void {
    this.#asker.send(bytes, this.#port, group, ignore)
  }

  /** To all; ends when the bytes have left. */
  speak(bytes: Buffer): Promise<void> {
    return new Promise((resolve) => this.#speaker.send(bytes, this.#port, group, () => resolve()))
  }

  answer(bytes: Buffer, { address, port }: RemoteInfo): void {
    this.#speaker.send(bytes, port, address, ignore)
  }

  close(): void {
    for (const socket of new Set([this.#asker, this.#speaker])) socket.close()
  }
}

/** A socket that shares its port, holds no process, and dies of nothing that happens to it. */
export async function openSocket({ address, port, onMessage }: SocketOptions): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  socket.on('error', ignore)
  socket.on('message', onMessage)
  return socket.unref()
}

/** 255, so that a receiver can tell that no router was between. */
function speakOn(socket: Socket, address: string): void {
  socket.setMulticastInterface(address)
  socket.setMulticastTTL(255)
  socket.setMulticastLoopback(true)
}

function ignore(): void {}
