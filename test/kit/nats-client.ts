import { connect, type Socket } from 'node:net'
import { closeAfterwards } from './sidecar.js'

export interface Delivery {
  readonly subject: string
  readonly body: string
}

/** Speaks NATS' text protocol on a bare socket and knows nothing of this project. Bodies are latin1. */
export class NatsClient {
  readonly deliveries: Delivery[] = []
  readonly errors: string[] = []
  readonly #socket: Socket
  readonly #pongs: (() => void)[] = []
  #received = ''
  #sid = 0

  private constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1' })
    this.#socket.setEncoding('latin1')
    this.#socket.on('error', () => {})
    this.#socket.on('data', (chunk: string) => {
      this.#received += chunk
      while (this.#line());
    })
    closeAfterwards(() => this.#socket.destroy())
  }

  static async to(port: number, options: Readonly<Record<string, unknown>> = {}): Promise<NatsClient> {
    const client = new NatsClient(port)
    client.#socket.write(`CONNECT ${JSON.stringify({ verbose: false, pedantic: false, ...options })}\r\n`)
    await client.flush()
    return client
  }

  get bodies(): string[] {
    return this.deliveries.map(({ body }) => body)
  }

  /** Resolves when the server knows of it. */
  subscribe(subject: string, queue = ''): Promise<void> {
    this.#socket.write(`SUB ${subject} ${queue} ${++this.#sid}\r\n`)
    return this.flush()
  }

  /** Resolves when the server has it. */
  publish(subject: string, body: string, reply = ''): Promise<void> {
    this.#socket.write(`PUB ${subject} ${reply} ${Buffer.byteLength(body, 'latin1')}\r\n${body}\r\n`, 'latin1')
    return this.flush()
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#pongs.push(resolve)
      this.#socket.write('PING\r\n')
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #line(): boolean {
    const end = this.#received.indexOf('\r\n')
    if (end < 0) return false
    const line = this.#received.slice(0, end)
    const message = /^MSG (\S+) \S+ (?:\S+ )?(\d+)$/.exec(line)
    const length = end + 2 + (message === null ? 0 : Number(message[2]) + 2)
    if (this.#received.length < length) return false
    if (message !== null)
      this.deliveries.push({ subject: message[1] ?? '', body: this.#received.slice(end + 2, length - 2) })
    else if (line === 'PING') this.#socket.write('PONG\r\n')
    else if (line === 'PONG') this.#pongs.shift()?.()
    else if (line.startsWith('-ERR')) this.errors.push(line)
    this.#received = this.#received.slice(length)
    return true
  }
}
