import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Peer } from './peer.js'

const PIECE = Buffer.alloc(64 * 1024, 'piece of the whole, ')
const PIECES = 320
/** 20 MB. */
export const TOTAL = PIECES * PIECE.length
export const SUM = sumOf(Array.from({ length: PIECES }, () => PIECE))

export function sumOf(buffers: readonly Buffer[]): string {
  const hash = createHash('sha1')
  for (const buffer of buffers) hash.update(buffer)
  return hash.digest('hex')
}

export function pieces(): { source: Readable; produced: () => number } {
  let count = 0
  const source = new Readable({
    read() {
      this.push(count++ < PIECES ? PIECE : null)
    },
  })
  return { source, produced: () => Math.min(count, PIECES) * PIECE.length }
}

/** Waits until a figure has not changed for a while. */
export async function settled(figure: () => number): Promise<void> {
  for (let before = -1, stable = 0; stable < 4; ) {
    await sleep(15)
    const now = figure()
    stable = now === before && now > 0 ? stable + 1 : 0
    before = now
  }
}

/** Sends the pieces as fast as the other side takes them; returns how much it has taken. */
export function download(peer: Peer, framing: string): () => number {
  const framings: Record<string, string> = {
    'with length': `Content-Length: ${TOTAL}\r\n`,
    'in chunks': 'Transfer-Encoding: chunked\r\n',
    'until the end': '',
  }
  const chunked = framing === 'in chunks'
  const { source, produced } = pieces()
  peer.write(`HTTP/1.1 200 OK\r\n${framings[framing]}\r\n`)
  const frame = (piece: Buffer) => (chunked ? [`${piece.length.toString(16)}\r\n`, piece, '\r\n'] : [piece])
  source.on('end', () => (chunked ? peer.write('0\r\n\r\n') : framing === 'until the end' && peer.end()))
  source.on('data', (piece: Buffer) => {
    for (const part of frame(piece)) peer.write(part)
    if (peer.socket.writableNeedDrain) source.pause()
  })
  peer.socket.on('drain', () => source.resume())
  return produced
}
