import type { Message } from '../../broker/broker.js'
import { refusal } from './refusals.js'

/** The subprotocol of a socket with several topics and acknowledgements. */
export const multiProtocol = 'micro.broker.v1'

/** What a client of that subprotocol sends. */
export type MultiFrame =
  | { readonly kind: 'subscribe' | 'unsubscribe'; readonly topic: string; readonly queue: string }
  | { readonly kind: 'publish'; readonly topic: string; readonly message: Message }

/** Chosen by the client, sent back with the answer. */
export type FrameId = string | number

const longestId = 128

/** Any JSON object of the frame; throws a MicroError on what is none. */
export function frameObject(text: Buffer, isBinary: boolean): Readonly<Record<string, unknown>> {
  if (isBinary) throw refusal(400, 'frames are text here, with the body in base64')
  let value: unknown
  try {
    value = JSON.parse(text.toString())
  } catch {
    throw refusal(400, 'the frame is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal(400, 'the frame is no JSON object')
  return { ...value }
}

/** `undefined` where there is none; throws on one that cannot be. */
export function frameId({ Id: id }: Readonly<Record<string, unknown>>): FrameId | undefined {
  if (id === undefined || (typeof id === 'number' && Number.isFinite(id))) return id
  if (typeof id === 'string' && id.length <= longestId) return id
  throw refusal(400, `Id must be a number, or a text of at most ${longestId} characters`)
}

export function multiFrame(frame: Readonly<Record<string, unknown>>): MultiFrame {
  const { Subscribe: subscribe, Unsubscribe: unsubscribe, Publish: publish } = frame
  const asked = [subscribe, unsubscribe, publish].filter((one) => one !== undefined)
  if (asked.length !== 1) throw refusal(400, 'a frame has one of Subscribe, Unsubscribe and Publish, with the topic')
  const topic = text(asked[0], 'the topic')
  if (publish !== undefined) return { kind: 'publish', topic, message: messageOf(frame) }
  const queue = frame.Queue === undefined ? '' : text(frame.Queue, 'Queue')
  return { kind: subscribe === undefined ? 'unsubscribe' : 'subscribe', topic, queue }
}

function messageOf({ Header: header = {}, Body: body = '' }: Readonly<Record<string, unknown>>): Message {
  return { header: headerOf(header), body: decodedBody(body) }
}

/** Throws on what is no object of texts. */
export function headerOf(given: unknown): Message['header'] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refusal(400, 'Header must be an object')
  const header: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(given)) header[name] = text(value, 'a value in Header')
  return header
}

/** Throws on what is no base64. */
export function decodedBody(given: unknown): Buffer {
  const base64 = text(given, 'Body')
  if (base64.length % 4 !== 0 || !/^[A-Za-z\d+/]*={0,2}$/.test(base64)) throw refusal(400, 'Body must be base64')
  return Buffer.from(base64, 'base64')
}

export function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value
  throw refusal(400, `${what} must be a text`)
}
