import assert from 'node:assert/strict'
import type { ConformanceCase, TransportCapability } from './conformance-case.js'
import { silent } from './scripted-node.js'

/** S21: what is not one well-framed answer is refused, and its connection closed. */
export const framingCases: readonly ConformanceCase[] = [
  ...refused(undefined, {
    'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
    'no protocol at all': '\0\x01\x02\x03\xff\xfe',
    'a status of letters': 'HTTP/1.1 abc OK\r\n\r\n',
    'a signed length': ok('Content-Length: +3', '', 'abc'),
    'a negative length': ok('Content-Length: -3', '', 'abc'),
    'a length of letters': ok('Content-Length: abc', '', 'abc'),
    'a hexadecimal length': ok('Content-Length: 0x3', '', 'abc'),
    'a space in a name': ok('Content Length: 3', '', 'abc'),
    'a name that is no token': ok('X(y): 1', '', ''),
    'a line without a colon': ok('nonsense', '', ''),
    'an empty name': ok(': 1', '', ''),
    'NUL in a value': ok('X: a\0b', 'Content-Length: 0', '', ''),
    'a chunk size of letters': ok('Transfer-Encoding: chunked', '', 'xyz', 'abc', '0', '', ''),
    'a signed chunk size': ok('Transfer-Encoding: chunked', '', '+3', 'abc', '0', '', ''),
    'a negative chunk size': ok('Transfer-Encoding: chunked', '', '-3', 'abc', '0', '', ''),
    'a chunk size with 0x': ok('Transfer-Encoding: chunked', '', '0x3', 'abc', '0', '', ''),
    'an empty chunk size': ok('Transfer-Encoding: chunked', '', '', 'abc', '0', '', ''),
    'an empty chunk size for the last': ok('Transfer-Encoding: chunked', '', '', '', ''),
    'an endless chunk size': ok('Transfer-Encoding: chunked', '', 'ffffffffffffffffffff', 'abc', '0', '', ''),
    'a chunk longer than its size': ok('Transfer-Encoding: chunked', '', '2', 'abc', '0', '', ''),
    'headers of 100 kB': `HTTP/1.1 200 OK\r\n${`X: ${'v'.repeat(1000)}\r\n`.repeat(100)}\r\n`,
    'one header of 100 kB': `HTTP/1.1 200 OK\r\nX: ${'v'.repeat(100_000)}`,
    '2,500 headers': `HTTP/1.1 200 OK\r\n${'X: v\r\n'.repeat(2500)}Content-Length: 0\r\n\r\n`,
    'informational answers without an end': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000),
    'an unasked 101': 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    'a 101 without an upgrade': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  }),
  ...refused('strict-framing', {
    'an endless length': ok('Content-Length: 99999999999999999999999', '', 'abc'),
    'two different lengths': ok('Content-Length: 3', 'Content-Length: 4', '', 'abcd'),
    'both lengths, the other way round': ok('Transfer-Encoding: chunked', 'Content-Length: 3', '', '0', '', ''),
    'both lengths': ok('Content-Length: 3', 'Transfer-Encoding: chunked', '', '0', '', ''),
    'a version of 2.0': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
    'the same length twice': ok('Content-Length: 3', 'Content-Length: 3', '', 'abc'),
    'a list of lengths': ok('Content-Length: 3, 3', '', 'abc'),
    'an empty length': ok('Content-Length:', '', ''),
    'a coding before chunked': ok('Transfer-Encoding: gzip, chunked', '', '0', '', ''),
    'a coding after chunked': ok('Transfer-Encoding: chunked, identity', '', '0', '', ''),
    'a comma before chunked': ok('Transfer-Encoding: ,chunked', '', '0', '', ''),
    'another coding': ok('Transfer-Encoding: gzip', '', ''),
    'chunked twice': ok('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', '', '0', '', ''),
    'chunked in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'a version of 1.2': 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n',
    'a version of 1.11': 'HTTP/1.11 200 OK\r\nContent-Length: 0\r\n\r\n',
    'a version in small letters': 'http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    'a status of two digits': 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n',
    'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
    'a status below 100': 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n',
    'two spaces before the status': 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n',
    'an empty line before the status': '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    'a tab for a space': 'HTTP/1.1\t200 OK\r\nContent-Length: 0\r\n\r\n',
    'a control character in the reason': 'HTTP/1.1 200 O\x07K\r\nContent-Length: 0\r\n\r\n',
    'a space before the colon': ok('Content-Length : 3', '', 'abc'),
    'a folded header': ok('X: a', ' b', 'Content-Length: 0', '', ''),
    'a fold before the first header': ok(' X: a', 'Content-Length: 0', '', ''),
    'a bare LF in the head': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
    'one bare LF behind a header': 'HTTP/1.1 200 OK\r\nX: a\nContent-Length: 0\r\n\r\n',
    'a bare CR in a value': ok('X: a\rb', 'Content-Length: 0', '', ''),
    'a bare CR behind a header': ok('X: a\rContent-Length: 3', '', ''),
    'a control character in a value': ok('X: a\x01b', 'Content-Length: 0', '', ''),
    'a space behind a chunk size': ok('Transfer-Encoding: chunked', '', '3 ', 'abc', '0', '', ''),
    'a bare LF behind a chunk size': ok('Transfer-Encoding: chunked', '', '3\nabc', '0', '', ''),
    'a bare LF behind a chunk': ok('Transfer-Encoding: chunked', '', '3', 'abc\n0', '', ''),
    'an endless chunk extension': ok('Transfer-Encoding: chunked', '', `3;${'x'.repeat(100_000)}`),
    'a control character in a chunk extension': ok('Transfer-Encoding: chunked', '', '3;a\x01', 'abc', '0', '', ''),
    'endless trailers': ok('Transfer-Encoding: chunked', '', '0', 'X: y\r\n'.repeat(40_000)),
    'a folded trailer': ok('Transfer-Encoding: chunked', '', '0', 'X: y', ' z', '', ''),
    'a second answer behind the first': `${ok('Content-Length: 2', '', 'ok')}${ok('Content-Length: 6', '', 'poison')}`,
    'bytes behind the last chunk': `${ok('Transfer-Encoding: chunked', '', '0', '', '')}poison`,
  }),
]

function ok(...lines: string[]): string {
  return ['HTTP/1.1 200 OK', ...lines].join('\r\n')
}

function refused(needs: TransportCapability | undefined, answers: Record<string, string>): ConformanceCase[] {
  return Object.entries(answers).map(([what, text]) => ({
    title: `S21: refused: ${what}`,
    ...(needs === undefined ? {} : { needs }),
    async run(bench) {
      const node = await bench.node(silent)
      const { answer } = bench.send(node.target)
      const peer = await node.peer()
      await peer.head()
      peer.write(text)
      const error = await answer.failed(1000)
      assert.equal(error.kind, 'protocol', error.message)
      assert.equal(error.sent, true)
      await peer.closed()
    },
  }))
}
