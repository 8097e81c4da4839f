import type { IncomingMessage } from 'node:http'
import { type Duplex, pipeline, Transform } from 'node:stream'
import { AnswerHead } from '../http/answer-head.js'
import { without } from '../http/header-list.js'
import { TransportError } from './transport.js'
import type { Upgrade, UpgradeInput } from './upgrade-input.js'

const closeTimeout = 1000
const framing: ReadonlySet<string> = new Set(['content-length'])

/**
 * Prepares the 101 that http-proxy is about to write from `answer.headers`: spelling, order and repeated headers as
 * the node sent them, without what ends at this hop.
 */
export function prepareSwitch(answer: IncomingMessage, { socket, answerHeaders = [] }: UpgradeInput): void {
  const flat = without(new AnswerHead(answer.rawHeaders).headers, framing)
  flat.push(...answerHeaders, 'Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? '')
  const headers: Record<string, string[]> = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? ''
    headers[name] ??= []
    headers[name].push(flat[i + 1] ?? '')
  }
  Object.assign(answer, { headers })
  // Header bytes came as latin1; http-proxy writes a string without saying how.
  socket.setDefaultEncoding('latin1')
}

/**
 * Passes on an answer that is no 101, and closes the connection behind it. A body without a length goes out in
 * chunks: with http-proxy it ends with the connection, and a body cut short would look whole.
 */
export function passAnswer(input: UpgradeInput, answer: IncomingMessage): Upgrade {
  const { socket, idleTimeout, onDone } = input
  const status = answer.statusCode ?? 502
  let error: TransportError | undefined
  let timer: NodeJS.Timeout | undefined
  answer.on('error', ({ message }) => blame('reset', message))
  socket.setTimeout(idleTimeout, () => {
    blame('timeout', `no byte within ${idleTimeout} ms`)
    socket.destroy()
  })
  socket.once('close', () => {
    clearTimeout(timer)
    onDone?.({ status, ...(error && { error }) })
  })
  const [head, ...stages] = framed(input, answer)
  socket.write(head, 'latin1')
  pipeline([answer, ...stages, socket], (failure) => {
    if (!failure) timer = setTimeout(() => socket.destroy(), closeTimeout)
  })
  return { close: () => void socket.destroy() }

  function blame(kind: 'reset' | 'timeout', message: string): void {
    if (!socket.destroyed) error ??= new TransportError(kind, message, { sent: true, reused: false })
  }
}

/** The head, and what frames the body as the head says. */
function framed({ request, answerHeaders = [] }: UpgradeInput, answer: IncomingMessage): [string, ...Duplex[]] {
  const { headers, contentLength } = new AnswerHead(answer.rawHeaders)
  const flat = [...headers, ...answerHeaders, 'Connection', 'close']
  const bodiless = request.method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304
  const chunked = !bodiless && contentLength < 0 && request.httpVersionMinor > 0
  if (chunked) flat.push('Transfer-Encoding', 'chunked')
  let head = `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n`
  for (let i = 0; i < flat.length; i += 2) head += `${flat[i]}: ${flat[i + 1]}\r\n`
  return chunked ? [`${head}\r\n`, chunks()] : [`${head}\r\n`]
}

function chunks(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      this.push(`${chunk.length.toString(16)}\r\n`)
      this.push(chunk)
      done(null, '\r\n')
    },
    flush(done) {
      done(null, '0\r\n\r\n')
    },
  })
}
