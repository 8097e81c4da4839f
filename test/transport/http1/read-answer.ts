import { AnswerParser } from '../../../src/transport/http1/answer-parser.js'

export interface Outcome {
  readonly information: { status: number; headers: string[] }[]
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly headers: string[] | undefined
  readonly body: string
  readonly trailers: string[]
  readonly fault: string | undefined
  readonly end: 'whole' | 'refused' | 'unfinished'
  /** Bytes that were not read. */
  readonly rest: number
}

export const limits = { maxHeaderBytes: 65_536, maxHeaderCount: 1000 }

/** Reads an answer that comes in these pieces and is followed by the end of the connection. */
export function readAnswer(pieces: readonly Buffer[], isHead = false, over = limits): Outcome {
  const information: Outcome['information'] = []
  let head: { status: number; reason: string; headers: string[] } | undefined
  const chunks: Buffer[] = []
  const parser = new AnswerParser(
    {
      information: (status, headers) => information.push({ status, headers }),
      head: ({ status, reason, headers }) => {
        head = { status, reason, headers }
      },
      body: (buffer, from, to) => chunks.push(Buffer.from(buffer.subarray(from, to))),
    },
    over,
  )
  parser.begin(isHead)
  let rest = 0
  for (const piece of pieces) rest += piece.length - parser.read(piece, piece.length)
  const isWhole = parser.done || (parser.fault === undefined && parser.endsWithConnection)
  return {
    information,
    status: head?.status,
    reason: head?.reason,
    headers: head?.headers,
    body: Buffer.concat(chunks).toString('latin1'),
    trailers: parser.trailers,
    fault: parser.fault,
    end: parser.fault !== undefined ? 'refused' : isWhole ? 'whole' : 'unfinished',
    rest,
  }
}

/** Cuts at these places, taken modulo the length. */
export function split(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...cuts]
    .map((cut, index) => bytes.subarray(cut, cuts[index] ?? bytes.length))
    .filter((piece) => piece.length > 0)
}
