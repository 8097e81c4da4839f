import type { Caller } from './caller.js'
import type { Inbound } from './inbound.js'

/** Requests of one connection that may wait for their answers. */
const mostUnanswered = 100

/** Whether a request has to wait until others of its connection are answered. If so, no more are read meanwhile. */
export function holdBack(inbound: Inbound): boolean {
  const { caller } = inbound
  if (caller.queued.length < mostUnanswered && caller.held.length === 0) return false
  caller.held.push(inbound)
  slow(caller)
  return true
}

/** What may be looked at now that an answer has ended. */
export function nextOf(caller: Caller): Inbound | undefined {
  const { held, socket } = caller
  if (held.length === 0) return undefined
  if (socket.destroyed) held.length = 0
  const next = held.shift()
  if (held.length === 0) socket.resume()
  return next
}

/** Node lets a connection go on by itself, with each answer that leaves. */
function slow(caller: Caller): void {
  const { socket } = caller
  socket.pause()
  if (caller.slowed) return
  caller.slowed = true
  socket.on('resume', () => {
    if (caller.held.length > 0) socket.pause()
  })
}
