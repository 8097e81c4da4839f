import { connect } from 'node:net'

/** A kept connection with one request in flight, which asks of an answer no more than its status and length. */
export class HttpConnection {
  #socket
  #listener
  #at = 0
  #text = ''
  #left = -1
  #status = 0

  /** `listener` hears `answered(connection, at, status)` and, at the end of the connection, `broke()`. */
  static async open(port, listener) {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new HttpConnection(socket, listener)
  }

  constructor(socket, listener) {
    this.#socket = socket
    this.#listener = listener
    socket.on('error', () => socket.destroy())
    socket.on('close', () => listener.broke())
    socket.on('data', (chunk) => this.#take(chunk))
  }

  /** `at` comes back with the answer. */
  send(request, at) {
    this.#at = at
    this.#socket.write(request)
  }

  close() {
    this.#socket.destroy()
  }

  #take(chunk) {
    if (this.#left < 0) this.#takeHead(chunk)
    else this.#left -= chunk.length
    if (this.#left !== 0) return
    this.#left = -1
    this.#listener.answered(this, this.#at, this.#status)
  }

  #takeHead(chunk) {
    this.#text += chunk.toString('latin1')
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#text)
    if (length === null) throw new Error('an answer without a length')
    this.#status = Number(this.#text.slice(9, 12))
    this.#left = end + 4 + Number(length[1]) - this.#text.length
    this.#text = ''
  }
}
