import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import type { Target } from '../transport.js'

const HOST_NAME = /^[a-z0-9_]([a-z0-9_-]*\.)*[a-z0-9_-]*$/i
/** `1.2.3`, `0x7f.1` and the like: resolvers take them for addresses that nobody has checked. */
const ODD_ADDRESS = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i

export interface Reading {
  /** Where the next bytes go; asked before the first and after each read. */
  buffer(): Buffer
  /** Returns false to read no more until the socket is resumed. */
  take(count: number): boolean
}

/** Starts to connect. Throws on an address that is none. */
export function dial(target: Target, reading: Reading, lookup: LookupFunction | undefined): Socket {
  const { address, port } = target
  if (isIP(address) === 0 && (!HOST_NAME.test(address) || ODD_ADDRESS.test(address))) {
    throw new Error(`${JSON.stringify(address)} is no address and no host name`)
  }
  return connect({
    host: address,
    port,
    noDelay: true,
    allowHalfOpen: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    autoSelectFamily: true,
    ...(lookup === undefined ? {} : { lookup }),
    onread: { buffer: () => reading.buffer(), callback: (count) => reading.take(count) },
  })
}

/** A reset that arrives together with data is told as a regular end; but nothing can be written any more. */
export function isReset(socket: Socket): boolean {
  socket.write('')
  return socket.errored !== null
}
