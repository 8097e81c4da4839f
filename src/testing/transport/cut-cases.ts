import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import type { Bench, ConformanceCase } from './conformance-case.js'
import type { Peer } from './peer.js'

interface Canned {
  readonly text: string
  readonly body: string
  /** Where the body is as long as the connection lasts, a cut behind the head cannot be seen. */
  readonly untilEnd?: boolean
}

const HINT = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'

const CANNED: Record<string, Canned> = {
  'with length': {
    text: `${HINT}HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 11\r\n\r\nhello world`,
    body: 'hello world',
  },
  'in chunks with trailers': {
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n06\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n',
    body: 'hello world',
  },
  'until the end': { text: 'HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello world', body: 'hello world', untilEnd: true },
}

/** R21: every cut and every split of an answer. */
export const cutCases: readonly ConformanceCase[] = Object.entries(CANNED).flatMap(([framing, canned]) => [
  {
    title: `R21: ${framing}, byte by byte`,
    run: (bench) =>
      delivered(bench, canned, async (peer) => {
        for (const byte of Buffer.from(canned.text, 'latin1')) {
          peer.write(Buffer.of(byte))
          await turn()
          await turn()
        }
      }),
  },
  {
    title: `R21: ${framing}, split in two at every byte`,
    run: (bench) =>
      atEvery(canned, (position) =>
        delivered(bench, canned, async (peer) => {
          peer.write(canned.text.slice(0, position))
          await turn()
          await turn()
          peer.write(canned.text.slice(position))
        }),
      ),
  },
  ...(['end', 'reset'] as const).map(
    (how): ConformanceCase => ({
      ...(canned.untilEnd && how === 'reset' ? { needs: 'reset-without-length' } : {}),
      title: `R21: ${framing}, cut by ${how} at every byte: whole, or an error, and nothing added`,
      run: (bench) => atEvery(canned, (position) => cut(bench, canned, how, position)),
    }),
  ),
])

async function delivered(bench: Bench, canned: Canned, deliver: (peer: Peer) => Promise<void>): Promise<void> {
  const node = await bench.node(async (peer) => {
    await peer.head()
    await deliver(peer)
    if (canned.untilEnd) peer.end()
  })
  const { answer } = bench.send(node.target)
  await answer.whole(3000)
  assert.equal(answer.body.toString(), canned.body)
}

async function cut(bench: Bench, canned: Canned, how: 'end' | 'reset', position: number): Promise<void> {
  const node = await bench.node(async (peer) => {
    await peer.head()
    peer.write(canned.text.slice(0, position))
    peer[how]()
  })
  const { answer } = bench.send(node.target)
  await answer.ended(1000)
  assert.ok(canned.body.startsWith(answer.body.toString()), 'what came is a part of the body')
  const mayBeWhole = canned.untilEnd ? how === 'end' && position >= canned.text.indexOf('\r\n\r\n') + 4 : false
  if (answer.error === undefined) assert.ok(mayBeWhole || position === canned.text.length, `whole at ${position}`)
  else assert.equal(answer.error.kind, 'reset')
}

async function atEvery(canned: Canned, run: (position: number) => Promise<void>): Promise<void> {
  const positions = Array.from({ length: canned.text.length + 1 }, (_, position) => position)
  while (positions.length > 0) await Promise.all(positions.splice(0, 16).map(run))
}
