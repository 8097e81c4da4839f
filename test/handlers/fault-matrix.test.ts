import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { MicroConfig } from '../../src/index.js'
import { undiciTransport } from '../../src/transport/undici.js'
import { httpNode } from '../kit/http-node.js'
import { rawNode } from '../kit/raw.js'
import { register, startSidecar } from '../kit/sidecar.js'

const timeout = 400
const envelope = '{"id":1,"result":"ok","error":null}'
const head = (more: string) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${more}\r\n`
const whole = head(`Content-Length: ${envelope.length}\r\n`) + envelope

interface Fault {
  readonly serve: (socket: Socket) => void
  /** The `micro-error` of each handler; nothing: the answer comes through, or is visibly cut. */
  readonly proxy: string | 'whole' | 'cut'
  readonly rpc: string | 'whole'
}

const onRequest = (socket: Socket, then: () => void) => void socket.once('data', then)

const faults: Record<string, Fault> = {
  'resets at the connection': { serve: (s) => void s.resetAndDestroy(), proxy: 'reset|connect', rpc: 'reset|connect' },
  'resets at the request': { serve: (s) => onRequest(s, () => s.resetAndDestroy()), proxy: 'reset', rpc: 'reset' },
  'ends its side at the request': { serve: (s) => onRequest(s, () => s.end()), proxy: 'reset', rpc: 'reset' },
  'ends its side at once, and reads on': { serve: (s) => void s.end(), proxy: 'reset|connect', rpc: 'reset|connect' },
  'never answers': { serve: () => {}, proxy: 'timeout', rpc: 'timeout' },
  'stalls in the head': {
    serve: (s) => onRequest(s, () => s.write('HTTP/1.1 200 OK\r\nContent-')),
    proxy: 'timeout',
    rpc: 'timeout',
  },
  'stalls in the body': {
    serve: (s) => onRequest(s, () => s.write(head('Content-Length: 100\r\n') + envelope)),
    proxy: 'cut',
    rpc: 'timeout|reset',
  },
  'answers in little pieces': { serve: (s) => onRequest(s, () => dribble(s, whole)), proxy: 'whole', rpc: 'whole' },
  'answers garbage': {
    serve: (s) => onRequest(s, () => s.write('220 smtp.example ready\r\n\r\n')),
    proxy: 'protocol',
    rpc: 'protocol',
  },
  'answers bytes': {
    serve: (s) => onRequest(s, () => s.write(Buffer.from([0, 1, 2, 255, 13, 10, 13, 10]))),
    proxy: 'protocol',
    rpc: 'protocol',
  },
  'answers with two lengths': {
    serve: (s) => onRequest(s, () => s.write(`${head('Content-Length: 2\r\nContent-Length: 3\r\n')}abc`)),
    proxy: 'protocol',
    rpc: 'protocol',
  },
  'answers with a broken chunk': {
    serve: (s) => onRequest(s, () => s.write(`${head('Transfer-Encoding: chunked\r\n')}zz\r\nabc`)),
    proxy: 'protocol|cut',
    rpc: 'protocol',
  },
  'answers with 100 kB of headers': {
    serve: (s) => onRequest(s, () => s.write(head(`X-Big: ${'x'.repeat(100_000)}\r\n`))),
    proxy: 'protocol|reset',
    rpc: 'protocol|reset',
  },
  'answers without a length and ends': {
    serve: (s) => onRequest(s, () => s.end(head('Connection: close\r\n') + envelope)),
    proxy: 'whole',
    rpc: 'whole',
  },
}

describe.each([
  { transport: 'http1', plugins: [] },
  {
    transport: 'undici',
    plugins: [{ name: 'undici', transport: () => undiciTransport({ connections: 10, keepAlive: 3000 }) }],
  },
])('a node over $transport', ({ plugins }) => {
  const client = { timeout, idleTimeout: 300, retries: 0 } as const
  const start = (handler: 'rpc' | 'proxy') => {
    const config: MicroConfig = { handler, namespace: 'ns', client, plugins }
    return startSidecar(config)
  }

  describe.each(Object.entries(faults))('that %s', (_name, { serve, ...expected }) => {
    test.each([
      ['proxy', 'GET'],
      ['proxy', 'POST'],
      ['rpc', 'POST'],
    ] as const)('%s %s: no hang, no wrong body, the error form and its code', async (handler, method) => {
      const bad = await rawNode(serve)
      const good = await httpNode((_request, response) => response.end(envelope))
      const sidecar = await start(handler)
      await register(sidecar, 'ns.bad', bad.port)
      await register(sidecar, 'ns.good', good.port)
      const begun = performance.now()
      const outcome = await call(`${sidecar.url}/bad/call`, method)
      expect(outcome).toMatch(new RegExp(`^(?:${expected[handler]})$`))
      // undici looks at the silence of a body about once a second.
      expect(performance.now() - begun).toBeLessThan(timeout + 1600)
      expect(await call(`${sidecar.url}/good/call`, method)).toBe('whole')
    })
  })
})

/** `whole`, `cut`, or the code of an error that the sidecar made. */
async function call(url: string, method: string): Promise<string> {
  const body = method === 'POST' ? '{"name":"John"}' : null
  const answer = await fetch(url, { method, body, headers: { 'content-type': 'application/json' } })
  const code = answer.headers.get('micro-error')
  try {
    const text = await answer.text()
    if (code === null) return text === envelope || text === '"ok"' ? 'whole' : `wrong body: ${text}`
    expect(Object.keys(JSON.parse(text))).toEqual(['id', 'code', 'detail', 'status'])
    return code
  } catch (error) {
    if (error instanceof TypeError) return 'cut'
    throw error
  }
}

function dribble(socket: Socket, text: string): void {
  let at = 0
  const timer = setInterval(() => {
    socket.write(text.slice(at, at + 4))
    at += 4
    if (at >= text.length || socket.destroyed) clearInterval(timer)
  }, 1)
}
