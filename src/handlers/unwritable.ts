import { MicroError, wordsOf } from '../errors.js'

/** Of a node's head that Node will not write, or a middleware's. */
export function unwritable(cause: unknown): MicroError {
  const detail = `the node's answer has a head that cannot be passed on: ${wordsOf(cause)}`
  return new MicroError('go.micro.client', 502, detail, { reason: 'protocol', cause })
}
