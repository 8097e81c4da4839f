import { MicroError } from '../errors.js'
import type { Message } from './broker.js'

/** A message as the contract has it, of what a program gave; what is none is an error that says so. */
export function checkedMessage(message: Message): Message {
  const { header, body } = message
  const isFit = typeof header === 'object' && header !== null && Object.getPrototypeOf(header) === null
  return isFit && Buffer.isBuffer(body) ? message : { header: headerOf(header), body: bodyOf(body) }
}

function headerOf(given: unknown): Message['header'] {
  if (typeof given !== 'object' || given === null) throw refusal('header must be an object of texts')
  const header: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw refusal(`header ${JSON.stringify(name.slice(0, 60))} must be a text`)
    header[name] = value
  }
  return header
}

function bodyOf(given: unknown): Buffer {
  if (Buffer.isBuffer(given)) return given
  if (given instanceof Uint8Array) return Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  throw refusal('body must be a Buffer')
}

function refusal(what: string): MicroError {
  return new MicroError('go.micro.broker', 400, `a message's ${what}`, { reason: 'bad_request' })
}
