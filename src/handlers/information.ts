import { STATUS_CODES } from 'node:http'
import { AnswerHead } from '../http/answer-head.js'
import type { Inbound } from '../http/inbound.js'

/** Passes a 1xx on where its caller can take one now; such an answer may always be left out. */
export function writeInformation(inbound: Inbound, status: number, raw: readonly string[]): void {
  const { request, response } = inbound
  if (request.httpVersionMinor === 0 || response.headersSent || response.socket === null) return
  if (status === 100) {
    if (inbound.head.expectsContinue) response.writeContinue()
    return
  }
  const { headers } = new AnswerHead(raw)
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  response.socket.write(`${head}\r\n`, 'latin1')
}
