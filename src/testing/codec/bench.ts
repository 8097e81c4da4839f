import assert from 'node:assert/strict'
import type { Codec, EncodedCall, RpcAnswer, RpcCall } from '../../codec/codec.js'
import { MicroError } from '../../errors.js'

/** A call as the service's side of the wire reads it. */
export interface ReceivedCall {
  /** Where the form names it. */
  readonly service?: string
  readonly method: string
  readonly body: Uint8Array
}

/** The service's side of a codec, written without the codec: what the suite holds it against. */
export interface CodecService {
  read(encoded: EncodedCall): ReceivedCall
  /** A successful answer. */
  answer(result: Uint8Array, call: ReceivedCall): RpcAnswer
  /** An answer with the service's error string, which may be go-micro's error form or plain words. */
  fail(error: string): RpcAnswer
}

export interface CodecFixtures {
  /** A media type that the codec carries: JSON bodies are sent under `application/json`, any bytes under others. */
  readonly contentType: string
  readonly service: CodecService
  /** More requests and results, beside the suite's own. */
  readonly bodies?: readonly Uint8Array[]
}

/** What the checks work with: one codec and its other side. */
export class Bench {
  readonly codec: Codec
  readonly fixtures: CodecFixtures

  constructor(codec: Codec, fixtures: CodecFixtures) {
    this.codec = codec
    this.fixtures = fixtures
  }

  call(body: Uint8Array = this.bodies[0] ?? new Uint8Array(), method = 'Say.Hello'): RpcCall {
    return { service: 'go.micro.srv.greeter', method, contentType: this.fixtures.contentType, body }
  }

  /** Encodes, has the other side answer, and decodes. */
  exchange(request: Uint8Array, result: Uint8Array): { received: ReceivedCall; result: Uint8Array } {
    const call = this.call(request)
    const received = this.fixtures.service.read(this.codec.encode(call))
    return { received, result: this.codec.decode(this.fixtures.service.answer(result, received), call) }
  }

  /** The answer to an ordinary call. */
  answer(result: Uint8Array): RpcAnswer {
    const { service } = this.fixtures
    return service.answer(result, service.read(this.codec.encode(this.call())))
  }

  /** The error that an answer means. Anything but a MicroError fails the check. */
  refusal(answer: RpcAnswer): MicroError {
    const outcome = this.outcome(answer)
    assert.ok(outcome instanceof MicroError, 'expected a MicroError, got a result')
    return outcome
  }

  outcome(answer: RpcAnswer): Uint8Array | MicroError {
    try {
      return this.codec.decode(answer, this.call())
    } catch (error) {
      assert.ok(error instanceof MicroError, `expected a MicroError, caught ${String(error)}`)
      assert.ok(error.code >= 400 && error.code <= 599, `expected an HTTP error code, got ${error.code}`)
      assert.ok(error.detail.length < 20_000, 'expected a short detail')
      return error
    }
  }

  get bodies(): readonly Uint8Array[] {
    const own = this.fixtures.contentType === 'application/json' ? jsonBodies : rawBodies
    return [...own, ...(this.fixtures.bodies ?? [])]
  }
}

const jsonBodies = [
  '{"name":"John"}',
  '{}',
  'null',
  '[1,2,3]',
  '"text"',
  '{"big":9007199254740993,"long":-123456789012345678901234567890.123456789012345678901234567890e-400}',
  ' {\n\t"a" : 1 ,\r\n "a" : 2 } ',
  '{"text":"漢字 😀 \\u0041\\ud83d\\ude00 \\/ \u2028 \\n"}',
  '{"__proto__":{"polluted":true},"constructor":1,"error":"no","result":{"error":1},"id":7,"method":"x","params":[]}',
  '"],\\"id\\":0}"',
  `${'['.repeat(60)}${']'.repeat(60)}`,
  `"${'x'.repeat(100_000)}"`,
].map((text) => Buffer.from(text))

const rawBodies = [
  Buffer.from([0x0a, 0x04, 0x4a, 0x6f, 0x68, 0x6e]),
  Buffer.alloc(0),
  Buffer.from([0]),
  Buffer.from([0xff, 0xfe, 0x0d, 0x0a, 0x00, 0x80]),
  Buffer.from('{"not":"protobuf"}'),
  Buffer.alloc(100_000, 0xab),
]
