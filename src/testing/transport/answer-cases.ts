import assert from 'node:assert/strict'
import type { WireRequest } from '../../transport/transport.js'
import type { Bench, ConformanceCase, Sent } from './conformance-case.js'

/** Well-formed answers of every kind. */
export const answerCases: readonly ConformanceCase[] = [
  {
    title: 'status, reason and headers come raw: order, spelling, repetition, bytes',
    async run(bench) {
      const fields = 'Set-Cookie: a\r\nX-b:1\r\nset-cookie: \t b \t\r\nX-Empty:\r\nX-B: ~é\xff\r\nContent-Length: 0\r\n'
      const { answer } = await answered(bench, `HTTP/1.1 299 So  it is\r\n${fields}\r\n`)
      assert.deepEqual(answer.head, {
        status: 299,
        reason: 'So  it is',
        headers: [
          ...['Set-Cookie', 'a', 'X-b', '1', 'set-cookie', 'b', 'X-Empty', '', 'X-B', '~é\xff', 'Content-Length', '0'],
        ],
      })
    },
  },
  {
    title: 'a reason beyond ASCII comes as latin1',
    needs: 'latin1-reason',
    async run(bench) {
      const { answer } = await answered(bench, 'HTTP/1.1 200 \xe9t\xe9\r\nContent-Length: 0\r\n\r\n')
      assert.equal(answer.head?.reason, 'été')
    },
  },
  {
    title: 'an empty reason, with and without the space before it',
    async run(bench) {
      for (const line of ['HTTP/1.1 404 ', 'HTTP/1.1 404']) {
        const { answer } = await answered(bench, `${line}\r\nContent-Length: 0\r\n\r\n`)
        assert.deepEqual([answer.head?.status, answer.head?.reason], [404, ''])
      }
    },
  },
  {
    title: 'header names like __proto__ are data',
    async run(bench) {
      const { answer } = await answered(
        bench,
        'HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\nContent-Length: 0\r\n\r\n',
      )
      assert.deepEqual(answer.head?.headers.slice(0, 4), ['__proto__', 'a', 'constructor', 'b'])
    },
  },
  {
    title: 'a body with a length',
    run: (bench) => body(bench, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello'),
  },
  {
    title: 'a body in chunks, sizes in any spelling, extensions ignored',
    run: (bench) =>
      body(
        bench,
        `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00A;a=b;c="d"\r\n0123456789\r\n1b\r\n${'x'.repeat(27)}\r\n0;last\r\n\r\n`,
        `hello0123456789${'x'.repeat(27)}`,
      ),
  },
  {
    title: 'a body until the connection ends',
    run: (bench) => body(bench, 'HTTP/1.1 200 OK\r\n\r\nhello', 'hello', { end: true }),
  },
  {
    title: 'an empty body until the connection ends',
    run: (bench) => body(bench, 'HTTP/1.1 200 OK\r\n\r\n', '', { end: true }),
  },
  {
    title: 'HTTP/1.0 with a length, and until the end',
    async run(bench) {
      await body(bench, 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'hello')
      await body(bench, 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello', { end: true })
    },
  },
  {
    title: 'Connection: close with a length ends with the length, not with the connection',
    run: (bench) => body(bench, 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello', 'hello'),
  },
  {
    title: 'HEAD, 204 and 304 have no body, whatever their headers say',
    async run(bench) {
      const head = { method: 'HEAD' }
      await body(bench, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', '', { request: head })
      await body(bench, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '', { request: head })
      await body(bench, 'HTTP/1.1 200 OK\r\n\r\n', '', { request: head })
      await body(bench, 'HTTP/1.1 204 No Content\r\n\r\n', '')
      await body(bench, 'HTTP/1.1 304 Not Modified\r\n\r\n', '')
    },
  },
  {
    title: '304 may tell the length of what it does not send',
    needs: 'length-of-304',
    run: (bench) => body(bench, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', ''),
  },
  {
    title: 'informational answers come first, each with its headers',
    async run(bench) {
      const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nlink: </b>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'
      const { answer } = await answered(bench, `${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`)
      assert.deepEqual(answer.information, [
        { status: 103, headers: ['Link', '</a>', 'link', '</b>'] },
        { status: 102, headers: [] },
      ])
      assert.equal(answer.body.toString(), 'ok')
    },
  },
  {
    title: '100 Continue comes before the body has been sent',
    needs: 'continue-information',
    async run(bench) {
      const { answer } = await answered(
        bench,
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      )
      assert.deepEqual(answer.information, [{ status: 100, headers: [] }])
    },
  },
  {
    title: 'a sink that does not listen to informational answers hears the rest',
    async run(bench) {
      const node = await bench.node(async (peer) => {
        await peer.head()
        peer.write('HTTP/1.1 103 Early Hints\r\n\r\n')
        peer.answer('ok')
      })
      const text = await new Promise((resolve, reject) => {
        const onData = (chunk: Buffer) => {
          resolve(chunk.toString())
          return true
        }
        const sink = { onHead: () => undefined, onData, onEnd: () => undefined, onError: reject }
        const request = { method: 'GET', path: '/', headers: ['Host', 'node'], body: null }
        bench.transport.send(node.target, request, sink, { connectTimeout: 1000, idleTimeout: 1000 })
      })
      assert.equal(text, 'ok')
    },
  },
  {
    title: 'trailers come with the end, and are empty where there are none',
    async run(bench) {
      const start = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n'
      const { answer } = await answered(bench, `${start}X-Sum: 1\r\nx-sum:\t\xe9 \r\n\r\n`)
      assert.deepEqual(answer.trailers, ['X-Sum', '1', 'x-sum', 'é'])
      assert.deepEqual((await answered(bench, `${start}\r\n`)).answer.trailers, [])
    },
  },
  {
    title: 'headers of 60 kB and 900 lines pass',
    async run(bench) {
      const fields = Array.from({ length: 900 }, (_, index) => `x-${index}: ${'v'.repeat(55)}\r\n`).join('')
      const { answer } = await answered(bench, `HTTP/1.1 200 OK\r\n${fields}Content-Length: 0\r\n\r\n`)
      assert.equal(answer.head?.headers.length, 1802)
    },
  },
]

async function answered(bench: Bench, text: string, request: Partial<WireRequest> = {}, end = false): Promise<Sent> {
  const node = await bench.node(async (peer) => {
    await peer.request()
    if (end) peer.end(text)
    else peer.write(text)
  })
  const sent = bench.send(node.target, request)
  await sent.answer.whole()
  return sent
}

async function body(
  bench: Bench,
  text: string,
  expected: string,
  how: { end?: boolean; request?: Partial<WireRequest> } = {},
): Promise<void> {
  const { answer } = await answered(bench, text, how.request, how.end)
  assert.equal(answer.body.toString(), expected)
  assert.deepEqual(answer.trailers, [])
}
