import type { WireRequest } from '../transport.js'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const TARGET = /^[\x21-\x7e\x80-\xff]+$/
const NOT_TEXT = /[^\t\x20-\x7e\x80-\xff]/
const EXPECTS_BODY = /^(?:POST|PUT|PATCH)$/

/** Request line, headers and empty line; undefined where a part could be read as more than itself. */
export function requestHead(request: WireRequest): string | undefined {
  const { method, path, headers } = request
  // Behind CONNECT there is no answer with a body, but a tunnel.
  if (!TOKEN.test(method) || method === 'CONNECT' || !TARGET.test(path)) return undefined
  const lines = fieldLines(headers)
  const framing = framingLine(request)
  if (lines === undefined || framing === undefined) return undefined
  return `${method} ${path} HTTP/1.1\r\n${lines}${framing}\r\n`
}

/** `name: value` lines from a flat list; undefined where a part could be read as more than itself. */
export function fieldLines(flat: readonly string[]): string | undefined {
  let lines = ''
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? ''
    const value = flat[index + 1] ?? ''
    if (!TOKEN.test(name) || isFraming(name) || NOT_TEXT.test(value)) return undefined
    lines += `${name}: ${value}\r\n`
  }
  return lines
}

function isFraming(name: string): boolean {
  if (name.length === 14) return name.toLowerCase() === 'content-length'
  return name.length === 17 && name.toLowerCase() === 'transfer-encoding'
}

function framingLine({ method, body }: WireRequest): string | undefined {
  if (body === null) return EXPECTS_BODY.test(method) ? 'Content-Length: 0\r\n' : ''
  const { length } = body
  if (length === undefined) return 'Transfer-Encoding: chunked\r\n'
  return Number.isSafeInteger(length) && length >= 0 ? `Content-Length: ${length}\r\n` : undefined
}
