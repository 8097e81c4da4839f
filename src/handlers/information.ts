import { STATUS_CODES } from 'node:http'
import { AnswerHead } from '../http/answer-head.js'
import { without } from '../http/header-list.js'
import type { Inbound } from '../http/inbound.js'

/** It has no body, and who believes the length waits for one. */
const lengths: ReadonlySet<string> = new Set(['content-length'])

/** Passes a 1xx on where its caller can take one now; such an answer may always be left out. */
export function writeInformation(inbound: Inbound, status: number, raw: readonly string[]): void {
  const { request, response } = inbound
  if (request.httpVersionMinor === 0 || response.headersSent || response.socket === null) return
  if (status === 100) {
    if (inbound.head.expectsContinue) inbound.writeContinue()
    return
  }
  const headers = without(new AnswerHead(raw).headers, lengths)
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  response.socket.write(`${head}\r\n`, 'latin1')
}
