import { connect, createServer, type Socket } from 'node:net'
import { closeAfterwards, listen } from './sidecar.js'

/** A caller on a bare socket that keeps every byte it saw. */
export class RawCaller {
  readonly socket: Socket
  received = Buffer.alloc(0)
  closed = false
  error: Error | undefined
  #wake: () => void = () => {}

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect({ port, host, allowHalfOpen: true })
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
      this.#wake()
    })
    this.socket.on('error', (error) => {
      this.error = error
    })
    this.socket.on('end', () => this.#end())
    this.socket.on('close', () => this.#end())
    closeAfterwards(() => this.socket.destroy())
  }

  get text(): string {
    return this.received.toString('latin1')
  }

  send(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this
  }

  /** Resolves once what was received matches; rejects when the other side ends first or time runs out. */
  async until(pattern: RegExp, timeout = 5000): Promise<string> {
    const deadline = Date.now() + timeout
    while (!pattern.test(this.text)) {
      if (this.closed) throw new Error(`closed before ${pattern}: ${JSON.stringify(this.text.slice(0, 500))}`)
      await this.#change(deadline, `${pattern}`)
    }
    return this.text
  }

  /** Resolves to all that was received once the other side has ended. */
  async end(timeout = 5000): Promise<string> {
    const deadline = Date.now() + timeout
    while (!this.closed) await this.#change(deadline, 'the end')
    return this.text
  }

  #end(): void {
    this.closed = true
    this.#wake()
  }

  #change(deadline: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no ${what} in time: ${JSON.stringify(this.text.slice(0, 500))}`))
      const timer = setTimeout(late, Math.max(0, deadline - Date.now()))
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

export function rawCaller(url: string): RawCaller {
  return new RawCaller(Number(new URL(url).port), new URL(url).hostname.replace(/^\[|\]$/g, ''))
}

export interface RawNode {
  readonly port: number
  readonly sockets: Socket[]
  /** Every byte of every connection, in order of arrival. */
  readonly seen: () => string
}

/** A node on bare sockets: `serve` gets each connection. */
export async function rawNode(serve: (socket: Socket, index: number) => void): Promise<RawNode> {
  const sockets: Socket[] = []
  let seen = ''
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1')
    })
    serve(socket, sockets.length - 1)
  })
  const port = await listen(server)
  closeAfterwards(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { port, sockets, seen: () => seen }
}
