import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Target } from '../../transport/transport.js'
import { Peer } from './peer.js'
import { Signal, within } from './signal.js'

/** What a node does with its connection number `index`, from 0. */
export type Script = (peer: Peer, index: number) => unknown

/** A node on a raw socket: says exactly the bytes that a script tells it to, and keeps all that it heard. */
export class ScriptedNode {
  readonly peers: Peer[] = []
  readonly #server: Server
  readonly #script: Script
  #arrival = new Signal()

  private constructor(script: Script) {
    this.#script = script
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
  }

  static async listen(script: Script, host = '127.0.0.1'): Promise<ScriptedNode> {
    const node = new ScriptedNode(script)
    await new Promise<void>((resolve, reject) => {
      node.#server.once('error', reject)
      node.#server.listen(0, host, resolve)
    })
    return node
  }

  get target(): Target {
    const { address, port } = this.#server.address() as AddressInfo
    return { address, port }
  }

  get open(): number {
    return this.peers.filter((peer) => !peer.isClosed).length
  }

  /** The bytes of all connections. */
  get received(): string {
    return this.peers.map((peer) => peer.received.toString('latin1')).join('')
  }

  /** Connection number `index`, from 0, waited for. */
  peer(index = 0): Promise<Peer> {
    return within(2000, `connection ${index} at the node`, this.#arrived(index))
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #arrived(index: number): Promise<Peer> {
    for (;;) {
      const peer = this.peers[index]
      if (peer !== undefined) return peer
      await this.#arrival.reached
    }
  }

  #accept(socket: Socket): void {
    const peer = new Peer(socket)
    const index = this.peers.push(peer) - 1
    void this.#play(peer, index)
    const arrival = this.#arrival
    this.#arrival = new Signal()
    arrival.settle()
  }

  async #play(peer: Peer, index: number): Promise<void> {
    try {
      await this.#script(peer, index)
    } catch (error) {
      // A script that waits for more from a connection that is gone has simply come to its end.
      if (!peer.isClosed) peer.socket.destroy(error instanceof Error ? error : undefined)
    }
  }
}

/** Says nothing by itself; the case speaks for it. */
export const silent: Script = () => undefined

/** Answers every request with 200 and its count on this connection. */
export async function counter(peer: Peer): Promise<void> {
  for (let count = 1; ; count++) {
    await peer.request()
    peer.answer(String(count))
  }
}
