import { without } from './header-list.js'
import { isProxyHeader } from './known-headers.js'

const own: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'content-length',
  'x-request-id',
])

/** Lengths of those names as a bit set: most headers are told apart from them by their length alone. */
const lengths = [...own].reduce((bits, name) => bits | (1 << name.length), 0)

/** A node's answer head, read in one pass: what travels on, and what this hop has to know. */
export class AnswerHead {
  /** Without what ends at this hop: the fixed names, `Proxy-*` and whatever `Connection` names. Flat, in order, spelling kept. */
  headers: string[] = []
  /** -1 where the node told none. */
  contentLength = -1
  hasRequestId = false
  chunked = false
  #trailer: string[] = []
  #named: Set<string> | undefined

  constructor(raw: readonly string[]) {
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i] ?? ''
      const value = raw[i + 1] ?? ''
      if (!isOwn(name)) this.headers.push(name, value)
      else this.#take(name, value)
    }
    if (this.#named !== undefined) this.headers = without(this.headers, this.#named)
  }

  /** The announcement of trailers, for a caller that they can be passed on to. */
  get trailer(): readonly string[] {
    return this.chunked ? this.#trailer : []
  }

  #take(name: string, value: string): void {
    switch (name.toLowerCase()) {
      case 'content-length':
        this.contentLength = Number(value)
        this.headers.push(name, value)
        break
      case 'x-request-id':
        this.hasRequestId = true
        this.headers.push(name, value)
        break
      case 'transfer-encoding':
        this.chunked = true
        break
      case 'trailer':
        this.#trailer.push(name, value)
        break
      case 'connection':
        this.#takeConnection(value)
        break
      default:
    }
  }

  #takeConnection(value: string): void {
    if (value === 'keep-alive' || value === 'close') return
    this.#named ??= new Set()
    for (const part of value.split(',')) this.#named.add(part.trim().toLowerCase())
    this.#named.delete('content-length')
    this.#named.delete('x-request-id')
  }
}

function isOwn(name: string): boolean {
  if (name.length < 32 && (lengths & (1 << name.length)) !== 0 && own.has(name.toLowerCase())) return true
  return isProxyHeader(name)
}
