import { request } from 'node:http'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answers } from './answers.js'
import { limits, type Outcome, readAnswer, split } from './read-answer.js'

const places = fc.array(fc.nat(), { maxLength: 12 })
const seed = 20_251_124

test("S21: reads 1,000 random answers, split at random, as node's own client does", async () => {
  const property = fc.asyncProperty(answers, places, async ({ text, isHead }, cuts) => {
    const pieces = split(Buffer.from(text, 'latin1'), cuts)
    const { fault, rest, end, ...ours } = readAnswer(pieces, isHead)
    expect([fault, rest, end]).toEqual([undefined, 0, 'whole'])
    expect(ours).toEqual(await readByNode(pieces, isHead))
  })
  await fc.assert(property, { seed, numRuns: 1000 })
})

test('S21: 3,000 broken answers: never throws, always comes to an end, and says the same however it is split', () => {
  const breakage = fc.record({
    at: fc.nat(),
    removed: fc.nat({ max: 3 }),
    added: fc.string({ unit: fc.constantFrom(...'\r\n\0 :;,0aF+-\t\x7f\xff'), maxLength: 3 }),
  })
  const property = fc.property(
    answers,
    fc.array(breakage, { minLength: 1, maxLength: 4 }),
    places,
    ({ text, isHead }, breakages, cuts) => {
      const broken = breakages.reduce((before, { at, removed, added }) => {
        const place = at % (before.length + 1)
        return before.slice(0, place) + added + before.slice(place + removed)
      }, text)
      const bytes = Buffer.from(broken, 'latin1')
      const [whole, inPieces] = [readAnswer([bytes], isHead), readAnswer(split(bytes, cuts), isHead)]
      // What goes on behind its end is refused before its head is told, where all of it comes at once.
      if (whole.fault === 'it goes on behind its end')
        expect(inPieces.rest + (inPieces.fault === undefined ? 0 : 1)).toBeGreaterThan(0)
      else expect(comparable(inPieces)).toEqual(comparable(whole))
    },
  )
  fc.assert(property, { seed, numRuns: 3000 })
})

test('S21: 5,000 answers of random bytes are never taken for one', () => {
  const property = fc.property(fc.uint8Array({ minLength: 8, maxLength: 200 }), places, (bytes, cuts) => {
    expect(readAnswer(split(Buffer.from(bytes), cuts)).end).toBe('refused')
  })
  fc.assert(property, { seed, numRuns: 5000 })
})

test('header bytes and lines: the limit passes, one more does not', () => {
  const start = 'HTTP/1.1 200 OK\r\n'
  const ofSize = (size: number) => [Buffer.from(`${start}x: ${'v'.repeat(size - start.length - 7)}\r\n\r\n`)]
  const small = { maxHeaderBytes: 100, maxHeaderCount: 3 }
  expect(readAnswer(ofSize(100), false, small).end).toBe('whole')
  expect(readAnswer(ofSize(101), false, small).fault).toBe('its headers are too long')
  const ofLines = (count: number) => [Buffer.from(`${start}${'x: v\r\n'.repeat(count)}\r\n`)]
  expect(readAnswer(ofLines(3), false, small).end).toBe('whole')
  expect(readAnswer(ofLines(4), false, small).fault).toBe('it has too many headers')
})

test('64 kB of headers byte by byte are read in linear time', () => {
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'v'.repeat(65_000)}\r\n\r\n`)
  const pieces = Array.from(bytes, (octet) => Buffer.of(octet))
  const before = performance.now()
  expect(readAnswer(pieces, false, limits).end).toBe('whole')
  expect(performance.now() - before).toBeLessThan(1000)
})

test('the limit of trailers is that of headers', () => {
  const trailers = (count: number) => [
    Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'x: v\r\n'.repeat(count)}\r\n`),
  ]
  const small = { maxHeaderBytes: 1000, maxHeaderCount: 3 }
  expect(readAnswer(trailers(3), false, small).trailers).toHaveLength(6)
  expect(readAnswer(trailers(4), false, small).fault).toBe('it has too many headers')
  expect(readAnswer(trailers(200), false, { ...small, maxHeaderCount: 500 }).fault).toBe('its headers are too long')
})

function comparable({ rest: _, ...outcome }: Outcome): Partial<Outcome> {
  // A refusal comes sooner or later, and for the one or the other of two faults, as the pieces fall.
  return outcome.end === 'refused' ? { end: 'refused' } : outcome
}

type Read = Omit<Outcome, 'fault' | 'end' | 'rest'>

function readByNode(pieces: readonly Buffer[], isHead: boolean): Promise<Read> {
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  const information: Outcome['information'] = []
  return new Promise((resolve, reject) => {
    const outgoing = request({ method: isHead ? 'HEAD' : 'GET', createConnection: () => socket })
    outgoing.on('error', reject)
    outgoing.on('information', (info) => information.push({ status: info.statusCode, headers: info.rawHeaders }))
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('error', reject)
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          information,
          status: response.statusCode,
          reason: response.statusMessage,
          headers: response.rawHeaders.map(trimmed),
          body: Buffer.concat(chunks).toString('latin1'),
          trailers: response.rawTrailers.map(trimmed),
        }),
      )
    })
    outgoing.end()
    for (const piece of pieces) socket.push(piece)
    socket.push(null)
  })
}

/** node's client keeps a tab behind a value. */
function trimmed(text: string): string {
  return text.replace(/[ \t]+$/, '')
}
