import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { callerOf } from './caller.js'

type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null }

/**
 * Runs `act`, which writes on the socket itself, behind the answers that the connection still owes: a caller may send
 * its next request before it has the answer to the last, and takes answers in that order only.
 */
export function inTurn(socket: Socket, act: () => void): void {
  const { current } = callerOf(socket)
  if (current === undefined) return act()
  // Once Node has taken a connection out of HTTP it tells the answer under way no more that it may go on.
  const onDrain = () => (socket as HttpSocket)._httpMessage?.emit('drain')
  socket.on('drain', onDrain)
  current.response.once('close', () => {
    socket.off('drain', onDrain)
    if (socket.writable) act()
  })
}
