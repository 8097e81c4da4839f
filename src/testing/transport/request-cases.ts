import assert from 'node:assert/strict'
import type { WireRequest } from '../../transport/transport.js'
import type { Bench, ConformanceCase } from './conformance-case.js'

/** Request line and headers. */
export const requestCases: readonly ConformanceCase[] = [
  {
    title: 'any method and target arrive as given',
    async run(bench) {
      for (const method of [
        'GET',
        'HEAD',
        'POST',
        'PUT',
        'DELETE',
        'OPTIONS',
        'PATCH',
        'PROPFIND',
        'M-SEARCH',
        "X!#$%&'*+",
      ]) {
        for (const path of ['/', '/a//b/../c/?x=%2F&y', "/-._~!$&'()*+,;=:@/%00%ff?a|b{}^`", '/é\xff']) {
          const { head } = await heard(bench, { method, path })
          assert.equal(head.split('\r\n')[0], `${method} ${path} HTTP/1.1`)
        }
      }
    },
  },
  {
    title: 'a target of * arrives as given',
    needs: 'asterisk-form',
    async run(bench) {
      const { head } = await heard(bench, { method: 'OPTIONS', path: '*' })
      assert.equal(head.split('\r\n')[0], 'OPTIONS * HTTP/1.1')
    },
  },
  {
    title: 'headers keep their order, spelling, repetition and bytes',
    async run(bench) {
      const fields = [
        'Accept',
        '*/*',
        'X-b',
        '1',
        'cookie',
        'a=1',
        'x-A',
        ' ~\t~',
        'Cookie',
        'b=2',
        'X-B',
        '',
        'x-latin',
        'é\xff\x80',
      ]
      const { head } = await heard(bench, { headers: ['Host', 'node:1', ...fields] })
      const lines = fieldLines(head).filter((line) => !/^(host|connection):/i.test(line))
      assert.deepEqual(
        lines,
        pairs(fields).map(([name, value]) => `${name}: ${value}`),
      )
    },
  },
  {
    title: 'Host stays where and how it was',
    needs: 'host-as-given',
    async run(bench) {
      const { head } = await heard(bench, { headers: ['Accept', '*/*', 'hOST', 'Node:1', 'X-a', '1'] })
      assert.deepEqual(fieldLines(head), ['Accept: */*', 'hOST: Node:1', 'X-a: 1'])
    },
  },
  {
    title: 'a long target and 200 headers pass',
    async run(bench) {
      const fields = Array.from({ length: 200 }, (_, index) => [`x-${index}`, 'v'.repeat(20)]).flat()
      const path = `/${'p'.repeat(9000)}`
      const { head } = await heard(bench, { path, headers: ['Host', 'node', ...fields] })
      assert.ok(head.startsWith(`GET ${path} HTTP/1.1\r\n`))
      assert.equal(fieldLines(head).filter((line) => line.startsWith('x-')).length, 200)
    },
  },
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS'].map(
    (method): ConformanceCase => ({
      title: `${method} without a body has no framing header`,
      run: async (bench) => assert.doesNotMatch((await heard(bench, { method })).head, /content-length|transfer-enc/i),
    }),
  ),
  ...['POST', 'PUT', 'PATCH'].map(
    (method): ConformanceCase => ({
      title: `${method} without a body has Content-Length: 0`,
      run: async (bench) => assert.match((await heard(bench, { method })).head, /\r\ncontent-length: 0\r\n/i),
    }),
  ),
  ...injections().map(
    ([what, request]): ConformanceCase => ({
      title: `refused before a byte is sent: ${what}`,
      async run(bench) {
        const node = await bench.node()
        const error = await bench.send(node.target, request).answer.failed()
        assert.equal(error.kind, 'request')
        assert.equal(error.sent, false)
        assert.equal(node.received, '')
      },
    }),
  ),
]

function injections(): [string, Partial<WireRequest>][] {
  const header = (name: string, value: string) => ({ headers: ['Host', 'node', name, value] })
  return [
    ['CR LF in a value', header('x', 'a\r\ny: b')],
    ['LF in a value', header('x', 'a\ny: b')],
    ['CR in a value', header('x', 'a\ry')],
    ['NUL in a value', header('x', 'a\0')],
    ['a value beyond latin1 whose low byte is a line end', header('x', 'a\u010d\u010ay: b')],
    ['CR LF in a name', header('x: 1\r\ny', 'a')],
    ['a space in a name', header('x ', 'a')],
    ['a colon in a name', header('x:', 'a')],
    ['an empty name', header('', 'a')],
    ['CR LF in the target', { path: '/ HTTP/1.1\r\nx: y\r\n\r\n' }],
    ['a space in the target', { path: '/a b' }],
    ['NUL in the target', { path: '/\0' }],
    ['a target beyond latin1', { path: '/\u010d\u010a' }],
    ['an empty target', { path: '' }],
    ['CR LF in the method', { method: 'GET / HTTP/1.1\r\n\r\nGET' }],
    ['an empty method', { method: '' }],
  ]
}

async function heard(bench: Bench, request: Partial<WireRequest>): Promise<{ head: string }> {
  let head = ''
  const node = await bench.node(async (peer) => {
    head = (await peer.request()).head
    peer.answer('')
  })
  await bench.send(node.target, request).answer.whole()
  return { head }
}

function fieldLines(head: string): string[] {
  return head.slice(0, -4).split('\r\n').slice(1)
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] ?? '', flat[2 * index + 1] ?? ''])
}
