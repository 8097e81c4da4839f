import type { RpcAnswer } from '../../src/codec/codec.js'
import type { CodecService } from '../../src/testing/codec-conformance.js'

// The service's side of go-micro's wire forms, written from the wire contract and without the code under test.

export const ok = (body: Buffer | string, headers: readonly string[] = []): RpcAnswer => ({
  status: 200,
  headers: ['Content-Type', 'application/json', ...headers],
  body: Buffer.from(body as string),
})

/** A go-micro 0.x service that takes JSON. */
export const jsonEnvelope: CodecService = {
  read({ headers, body }) {
    if (header(headers, 'Content-Type') !== 'application/json') throw new Error('not JSON')
    const text = Buffer.from(body).toString()
    const request: { method: string; params: unknown[]; id: unknown } = JSON.parse(text)
    if (request.params.length !== 1 || request.id !== 0) throw new Error('not a request of JSON-RPC 1.0')
    const open = `{"method":${JSON.stringify(request.method)},"params":[`
    const close = '],"id":0}'
    if (!text.startsWith(open) || !text.endsWith(close)) throw new Error('not in the order of Go')
    return { method: request.method, body: Buffer.from(text.slice(open.length, -close.length)) }
  },
  answer: (result) => ok(Buffer.concat([Buffer.from('{"id":0,"result":'), result, Buffer.from(',"error":null}\n')])),
  fail: (error) => ok(`{"id":0,"result":null,"error":${JSON.stringify(error)}}\n`),
}

/** Go-micro 1.x answering an envelope: the id is a string, and the error stands in the headers as well. */
export const jsonEnvelopeOf1x: CodecService = {
  ...jsonEnvelope,
  answer: (result) => ok(Buffer.concat([Buffer.from('{"id":"0","result":'), result, Buffer.from(',"error":null}\n')])),
  fail: (error) => ok(`{"id":"0","result":{},"error":${JSON.stringify(error)}}\n`, ['Micro-Error', wire(error)]),
}

/** A plain JSON-RPC 2.0 server. */
export const jsonRpc2: CodecService = {
  ...jsonEnvelope,
  answer: (result) => ok(Buffer.concat([Buffer.from('{"jsonrpc":"2.0","result":'), result, Buffer.from(',"id":0}')])),
}

/** A go-micro 0.x service that takes protobuf. */
export const protoEnvelope: CodecService = {
  read({ headers, body }) {
    if (header(headers, 'Content-Type') !== 'application/protobuf') throw new Error('not protobuf')
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
    const headerSize = view.getUint32(0)
    const size = view.getUint32(4 + headerSize)
    if (8 + headerSize + size !== body.byteLength) throw new Error('not two frames')
    const start = 8 + headerSize
    return { method: methodIn(body.subarray(4, 4 + headerSize)), body: body.subarray(start, start + size) }
  },
  answer: (result, { method }) => ok(frames(responseHeader(method, ''), result)),
  fail: (error) => ok(frames(responseHeader('Say.Hello', error), Buffer.alloc(0))),
}

/** A go-micro 1.x service. */
export const headerForm: CodecService = {
  read({ headers, body }) {
    for (const name of ['Micro-Id', 'Micro-Service', 'Micro-Method', 'Micro-Endpoint']) {
      if (header(headers, name) !== header(headers, `X-${name}`)) throw new Error(`${name} and its twin differ`)
    }
    if (header(headers, 'Micro-Id') === '') throw new Error('no id')
    const method = unwire(header(headers, 'Micro-Endpoint'))
    if (method !== unwire(header(headers, 'Micro-Method'))) throw new Error('method and endpoint differ')
    return { service: unwire(header(headers, 'Micro-Service')), method, body }
  },
  answer: (result) => ok(Buffer.from(result), ['Micro-Id', '1']),
  fail: (error) => ok('', ['Micro-Id', '1', 'Micro-Error', wire(error), 'X-Micro-Error', wire(error)]),
}

export function responseHeader(method: string, error: string): Buffer {
  const fixed = Buffer.from([0x11, 0, 0, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([lengthDelimited(1, Buffer.from(method)), fixed, lengthDelimited(3, Buffer.from(error))])
}

export function frames(...parts: Uint8Array[]): Buffer {
  const prefixed = parts.map((part) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(part.length)
    return Buffer.concat([size, part])
  })
  return Buffer.concat(prefixed)
}

export function lengthDelimited(field: number, bytes: Uint8Array): Buffer {
  const size: number[] = []
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      size.push(rest)
      break
    }
    size.push((rest % 128) + 128)
  }
  return Buffer.concat([Buffer.from([field * 8 + 2, ...size]), bytes])
}

export function header(headers: readonly string[], name: string): string {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name.toLowerCase())
  return at < 0 ? '' : (headers[at + 1] ?? '')
}

/** UTF-8 in a header, as Node shows it. A real header has no line breaks: Go writes spaces. */
const wire = (text: string) => Buffer.from(text.replace(/[\r\n]/g, ' ')).toString('latin1')
const unwire = (text: string) => Buffer.from(text, 'latin1').toString()

/** Field 1 of a request header, whose other field is eight bytes long. */
function methodIn(message: Uint8Array): string {
  let method = ''
  for (let at = 0; at < message.length; ) {
    const tag = message[at++]
    if (tag === 0x11) {
      at += 8
    } else if (tag === 0x0a) {
      let size = 0
      let byte = 0x80
      for (let shift = 0; byte >= 0x80; shift += 7) {
        byte = message[at++] ?? 0
        size |= (byte & 0x7f) << shift
      }
      method = Buffer.from(message.subarray(at, at + size)).toString()
      at += size
    } else throw new Error(`unknown tag ${tag}`)
  }
  return method
}
