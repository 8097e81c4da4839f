import type { Socket } from 'node:net'
import { Signal, within } from './signal.js'

export interface HeardRequest {
  /** Up to and with the empty line. */
  readonly head: string
  readonly body: Buffer
  /** Raw lines behind the last chunk. */
  readonly trailers: readonly string[]
}

/** The node's end of one connection. */
export class Peer {
  readonly socket: Socket
  readonly #closed = new Signal()
  readonly #heard: Buffer[] = []
  #unread: Buffer[] = []
  #length = 0
  #more = new Signal()
  isClosed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => this.#keep(chunk))
    socket.on('end', () => this.#leave())
    socket.on('close', () => this.#leave())
  }

  /** All that came so far. */
  get received(): Buffer {
    return Buffer.concat(this.#heard)
  }

  closed(milliseconds = 500): Promise<void> {
    return within(milliseconds, 'the end of the connection at the node', this.#closed.reached)
  }

  async head(): Promise<string> {
    return (await this.#until('\r\n\r\n')).toString('latin1')
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#length < count) await this.#next()
    return this.#take(count)
  }

  async request(): Promise<HeardRequest> {
    const head = await this.head()
    if (/^transfer-encoding: chunked\r$/im.test(head)) return { head, ...(await this.#chunked()) }
    const length = /^content-length: (\d+)\r$/im.exec(head)?.[1] ?? '0'
    return { head, body: await this.bytes(Number(length)), trailers: [] }
  }

  write(data: string | Buffer): void {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  }

  answer(body: string, fields = ''): void {
    this.write(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`)
  }

  end(data: string | Buffer = ''): void {
    this.socket.end(typeof data === 'string' ? Buffer.from(data, 'latin1') : data)
  }

  /** Ends the connection with a reset, once what was written has left. */
  reset(): void {
    this.socket.write('', () => this.socket.resetAndDestroy())
  }

  async #chunked(): Promise<Omit<HeardRequest, 'head'>> {
    const parts: Buffer[] = []
    for (;;) {
      const size = Number.parseInt((await this.#until('\r\n')).toString('latin1'), 16)
      if (size === 0) return { body: Buffer.concat(parts), trailers: await this.#trailers() }
      parts.push(await this.bytes(size))
      await this.#until('\r\n')
    }
  }

  async #trailers(): Promise<string[]> {
    const lines: string[] = []
    for (;;) {
      const line = (await this.#until('\r\n')).toString('latin1').slice(0, -2)
      if (line === '') return lines
      lines.push(line)
    }
  }

  async #until(mark: string): Promise<Buffer> {
    for (;;) {
      const found = this.#joined().indexOf(mark, 0, 'latin1')
      if (found >= 0) return this.#take(found + mark.length)
      await this.#next()
    }
  }

  #take(count: number): Buffer {
    const joined = this.#joined()
    this.#unread = [joined.subarray(count)]
    this.#length -= count
    return joined.subarray(0, count)
  }

  #joined(): Buffer {
    const [first] = this.#unread
    if (first !== undefined && this.#unread.length === 1) return first
    const joined = Buffer.concat(this.#unread)
    this.#unread = [joined]
    return joined
  }

  async #next(): Promise<void> {
    if (this.isClosed) throw new Error('the connection has ended')
    await this.#more.reached
  }

  #keep(chunk: Buffer): void {
    this.#heard.push(chunk)
    this.#unread.push(chunk)
    this.#length += chunk.length
    this.#wake()
  }

  #leave(): void {
    this.isClosed = true
    this.#closed.settle()
    this.#wake()
  }

  #wake(): void {
    const more = this.#more
    this.#more = new Signal()
    more.settle()
  }
}
