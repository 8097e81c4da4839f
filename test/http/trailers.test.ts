import { expect, test } from 'vitest'
import { endToEndTrailers } from '../../src/http/trailers.js'
import { rawCaller, rawNode } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

test('S1, S19: a trailer neither frames, routes nor authenticates', () => {
  const names = [
    'Content-Length',
    'transfer-encoding',
    'Host',
    'X-Forwarded-For',
    'Connection',
    'Keep-Alive',
    'Trailer',
  ]
  const more = ['Proxy-Authorization', 'Authorization', 'Set-Cookie', 'Timeout', 'x-request-id', 'Content-Encoding']
  expect(endToEndTrailers([...names, ...more].flatMap((name) => [name, 'x']))).toEqual([])
})

test('any other keeps spelling, order and repetition', () => {
  const raw = ['X-Sum', '1', 'grpc-status', '0', 'x-sum', '2']
  expect(endToEndTrailers(raw)).toEqual(raw)
})

test('S21: both ways, and an informational answer has no length', async () => {
  const node = await rawNode((socket) => {
    socket.on('data', (chunk) => {
      if (!chunk.toString('latin1').endsWith('\r\n\r\n')) return
      socket.write('HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\nLink: </a>\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\nok\r\n')
      socket.write('0\r\nContent-Length: 99\r\nSet-Cookie: a=1\r\nX-Sum: 1\r\n\r\n')
    })
  })
  const sidecar = await startSidecar({ handler: 'proxy' })
  await register(sidecar, 'go.micro.srv.app', node.port)
  const caller = rawCaller(sidecar.url)
  caller.send('POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n')
  caller.send('0\r\nHost: evil\r\nX-Forwarded-For: 6.6.6.6\r\nX-Sum: 2\r\n\r\n')
  const text = await caller.until(/X-Sum: 1\r\n\r\n$/)
  expect(text).toContain('Link: </a>')
  expect(text).not.toMatch(/content-length|set-cookie/i)
  expect(node.seen()).toContain('X-Sum: 2')
  expect(node.seen()).not.toMatch(/evil|6\.6\.6\.6/)
})
