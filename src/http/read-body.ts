import type { IncomingMessage } from 'node:http'
import { MicroError } from '../errors.js'

/** Milliseconds for a body that is read whole, and so holds a call up. */
const patience = 10_000

/**
 * Reads a body whole. Rejects with 413 `too_large` beyond `limit` bytes, at once when the length is told, and with
 * 400 when the caller leaves half-way, 408 when it takes too long. A body that middleware has read already is a fault of the configuration.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const length = request.headers['content-length']
    if (length !== undefined && Number(length) > limit) return reject(tooLarge(limit))
    if (request.readableEnded || request.readableDidRead) return reject(consumed())
    const chunks: Buffer[] = []
    let bytes = 0
    const timer = setTimeout(() => stop(tooSlow()), patience)
    const stop = (error: MicroError): void => {
      clearTimeout(timer)
      request.off('data', onData)
      request.off('end', onEnd)
      reject(error)
    }
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes > limit) stop(tooLarge(limit))
      else chunks.push(chunk)
    }
    const onEnd = (): void => {
      clearTimeout(timer)
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    }
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('error', () =>
      stop(new MicroError('go.micro.sidecar', 400, 'the request body ended early', { reason: 'bad_request' })),
    )
  })
}

function tooLarge(limit: number): MicroError {
  return new MicroError('go.micro.sidecar', 413, `the request body is larger than ${limit} bytes (limits.body)`, {
    reason: 'too_large',
  })
}

function tooSlow(): MicroError {
  const detail = `the request body did not arrive within ${patience} ms`
  return new MicroError('go.micro.sidecar', 408, detail, { reason: 'timeout' })
}

function consumed(): MicroError {
  const detail = 'a middleware has read the request body (a body parser?); the sidecar has nothing left to send on'
  return new MicroError('go.micro.sidecar', 500, detail, { reason: 'internal' })
}
