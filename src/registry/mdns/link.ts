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

/** One interface, with a socket of its own to ask from: answers come there, and to nobody else. */
export class Link {
  readonly address: LinkAddress
  readonly #socket: Socket
  readonly #port: number
  readonly #ownPort: number
  readonly #subnet = new BlockList()

  private constructor(address: LinkAddress, port: number, socket: Socket) {
    this.address = address
    this.#socket = socket
    this.#port = port
    this.#ownPort = socket.address().port
    const [network = address.address, bits = '32'] = address.cidr.split('/')
    this.#subnet.addSubnet(network, Number(bits))
  }

  /** Rejects when the interface cannot be spoken on. */
  static async open(address: LinkAddress, port: number, onMessage: (bytes: Buffer, from: RemoteInfo) => void) {
    const socket = await openSocket({
      address: address.address,
      port: 0,
      // Whoever is not on this network has nothing to say here.
      onMessage: (bytes, from) => {
        if (link.isNear(from.address)) onMessage(bytes, from)
      },
    })
    const link = new Link(address, port, socket)
    socket.setMulticastInterface(address.address)
    return link
  }

  /** The host is on the network that this interface is on. */
  isNear(host: string): boolean {
    return this.#subnet.check(host)
  }

  /** These bytes are this link's own question, come round. */
  isSource({ address, port }: RemoteInfo): boolean {
    return address === this.address.address && port === this.#ownPort
  }

  /** To all on this network. */
  ask(bytes: Buffer): void {
    this.#socket.send(bytes, this.#port, group, ignore)
  }

  close(): void {
    this.#socket.close()
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
  // 255, so that a receiver can tell that no router was between.
  socket.setMulticastTTL(255)
  socket.setMulticastLoopback(true)
  socket.on('message', onMessage)
  return socket.unref()
}

function ignore(): void {}
