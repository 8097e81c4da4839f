import type { IncomingMessage } from 'node:http'
import { MicroError, wordsOf } from '../errors.js'
import type { Inbound } from './inbound.js'
import { readBody } from './read-body.js'

/** A body up to this size is likely to have come in the packet of its head. */
const onePacket = 16_384

/**
 * Reads a body whole, up to `limit` bytes, and hands it on; whatever is thrown on the way is answered, with `id` where
 * it has none of its own. A caller that waits for `100 Continue` gets it once its body is known to be within the limit.
 */
export function takeBody(
  inbound: Inbound,
  limit: number,
  id: string,
  use: (body: Buffer) => void | Promise<void>,
): void {
  const { head, request } = inbound
  const length = head.contentLength ?? Number.POSITIVE_INFINITY
  if (head.expectsContinue && (head.contentLength ?? 0) <= limit) inbound.writeContinue()
  if (length <= onePacket && length <= limit && !head.expectsContinue && !request.readableDidRead) {
    // Node's parser hands the body over right behind the head, without a listener or a promise in between.
    process.nextTick(() => {
      const body = wholeBody(request, length)
      if (body !== null) run(inbound, id, use, body)
      else readLater(inbound, limit, id, use)
    })
  } else readLater(inbound, limit, id, use)
}

/** A body of that length where all of it has come already. The message is not `complete` yet: Node tells so later. */
export function wholeBody(request: IncomingMessage, length: number): Buffer | null {
  return request.readableLength === length ? request.read() : null
}

function readLater(inbound: Inbound, limit: number, id: string, use: (body: Buffer) => void | Promise<void>): void {
  readBody(inbound.request, limit).then(
    (body) => run(inbound, id, use, body),
    (error: unknown) => inbound.fail(asMicroError(error, id)),
  )
}

function run(inbound: Inbound, id: string, use: (body: Buffer) => void | Promise<void>, body: Buffer): void {
  try {
    use(body)?.catch((error: unknown) => inbound.fail(asMicroError(error, id)))
  } catch (error) {
    inbound.fail(asMicroError(error, id))
  }
}

function asMicroError(error: unknown, id: string): MicroError {
  if (error instanceof MicroError) return error
  const why = wordsOf(error)
  return new MicroError(id, 500, `error during request: ${why}`, { reason: 'internal', cause: error })
}
