import { STATUS_CODES } from 'node:http'
import { endToEnd } from '../http/answer-headers.js'
import type { Inbound } from '../http/inbound.js'

/** Passes a 1xx on where its caller can take one now; such an answer may always be left out. */
export function writeInformation(inbound: Inbound, status: number, raw: readonly string[]): void {
  const { request, response } = inbound
  if (request.httpVersionMinor === 0 || response.headersSent || response.socket === null) return
  if (status === 100) {
    if (inbound.head.expectsContinue) response.writeContinue()
    return
  }
  const headers = endToEnd(raw, false)
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  response.socket.write(`${head}\r\n`, 'latin1')
}
