const KEEP_ALIVE = 'keep-alive'

/** What the headers of an answer say about its body and its connection. */
export class AnswerHead {
  status = 0
  reason = ''
  headers: string[] = []
  /** Bytes of the body, where they are told. */
  length: number | undefined
  chunked = false
  keepAlive = false
  /** Milliseconds that the node keeps the connection, where it says so. */
  keepAliveHint: number | undefined
  #isVersion10 = false
  #hintText = ''
  #hint: number | undefined

  /** Reads `HTTP/1.1 200 OK`; returns what is wrong with it. */
  readStatusLine(line: string): string | undefined {
    this.#isVersion10 = line.startsWith('HTTP/1.0 ')
    if (!this.#isVersion10 && !line.startsWith('HTTP/1.1 ')) return 'it does not begin as HTTP/1.1'
    const status = digits(line, 9, 12)
    if (status === undefined || status < 100) return 'its status is no number from 100 to 999'
    if (line.length > 12 && line[12] !== ' ') return 'its status is no number from 100 to 999'
    this.status = status
    this.reason = line.slice(13)
    return undefined
  }

  /** Reads the headers; returns what is wrong with them. */
  readHeaders(headers: string[]): string | undefined {
    this.headers = headers
    this.length = undefined
    this.chunked = false
    this.keepAlive = !this.#isVersion10
    this.keepAliveHint = undefined
    for (let index = 0; index < headers.length; index += 2) {
      const fault = this.#readHeader(headers[index] ?? '', headers[index + 1] ?? '')
      if (fault !== undefined) return fault
    }
    if (this.chunked && this.length !== undefined) return 'it has both Content-Length and Transfer-Encoding'
    if (this.chunked && this.#isVersion10) return 'it has a Transfer-Encoding in HTTP/1.0'
    return undefined
  }

  #readHeader(name: string, value: string): string | undefined {
    switch (name.length) {
      case 10:
        return this.#readConnection(name.toLowerCase(), value)
      case 14:
        return name.toLowerCase() === 'content-length' ? this.#readLength(value) : undefined
      case 17:
        return name.toLowerCase() === 'transfer-encoding' ? this.#readCoding(value) : undefined
      default:
        return undefined
    }
  }

  #readConnection(name: string, value: string): undefined {
    if (name === 'keep-alive') this.keepAliveHint = this.#hintOf(value)
    if (name !== 'connection') return
    if (value !== KEEP_ALIVE && holds(value, 'close')) this.keepAlive = false
    else if (this.#isVersion10 && holds(value, KEEP_ALIVE)) this.keepAlive = true
  }

  /** A node says the same again and again. */
  #hintOf(value: string): number | undefined {
    if (value !== this.#hintText) {
      this.#hintText = value
      this.#hint = hintOf(value)
    }
    return this.#hint
  }

  #readLength(value: string): string | undefined {
    if (this.length !== undefined) return 'it has more than one Content-Length'
    this.length = digits(value, 0, value.length)
    return this.length === undefined ? 'its Content-Length is no number' : undefined
  }

  #readCoding(value: string): string | undefined {
    if (this.chunked) return 'it has more than one Transfer-Encoding'
    this.chunked = value.toLowerCase() === 'chunked'
    return this.chunked ? undefined : 'its Transfer-Encoding is not chunked alone'
  }
}

/** The number that stands there in 1 to 15 digits, and nothing else. */
function digits(text: string, from: number, to: number): number | undefined {
  if (to <= from || to - from > 15) return undefined
  let number = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) return undefined
    number = number * 10 + digit
  }
  return number
}

function holds(list: string, word: string): boolean {
  return list === word || list.split(',').some((each) => each.trim().toLowerCase() === word)
}

function hintOf(value: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,9})/i.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
