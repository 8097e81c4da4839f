import type { Inbound } from './inbound.js'

const firstProbe = 200
/** A socket that has read the end learns of a reset only by writing once more. */
const secondProbe = 25
const nextProbe = 1000

/**
 * A caller that ended its side may be waiting for its answer (half-closed) or gone. TCP cannot tell until something
 * is written, so a `100 Continue`, which every client must pass over, is written while no head is out: it reaches
 * the former and is answered with a reset by the kernel of the latter. Once an answer has begun, its end means gone.
 */
export function watchHalfClose(inbound: Inbound): void {
  const { request, response } = inbound
  const socket = request.socket
  if (response.headersSent) {
    socket.destroy()
    return
  }
  if (request.httpVersionMinor === 0) return
  let timer = setTimeout(probe, firstProbe, secondProbe)
  response.once('close', () => clearTimeout(timer))

  function probe(next: number): void {
    if (response.headersSent || response.destroyed || !socket.writable) return
    if (response.socket === socket) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    timer = setTimeout(probe, next, next === secondProbe ? nextProbe : secondProbe)
  }
}
