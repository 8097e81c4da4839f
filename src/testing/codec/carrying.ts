import assert from 'node:assert/strict'
import type { Bench } from './bench.js'

/** What a codec sends and what it brings back. */
export const carrying = {
  'a request arrives byte for byte, and so does its result'(bench: Bench) {
    for (const request of bench.bodies) {
      for (const result of bench.bodies.slice(0, 6)) {
        const { received, result: decoded } = bench.exchange(request, result)
        assert.ok(
          Buffer.from(request).equals(received.body),
          `request ${start(request)} arrived as ${start(received.body)}`,
        )
        assert.ok(Buffer.from(trimmed(bench, result)).equals(trimmed(bench, decoded)), `result ${start(decoded)}`)
      }
    }
  },

  'every kind of result comes back'(bench: Bench) {
    for (const result of bench.bodies) {
      const { result: decoded } = bench.exchange(bench.bodies[0] ?? result, result)
      assert.ok(Buffer.from(trimmed(bench, result)).equals(trimmed(bench, decoded)), `result ${start(decoded)}`)
    }
  },

  'the service reads which method is called'(bench: Bench) {
    for (const method of [
      'Say.Hello',
      'X',
      'A.B.C',
      'Say.Hällo',
      'Say."Quote"',
      'Say.\\Back',
      `Long.${'x'.repeat(300)}`,
    ]) {
      const received = bench.fixtures.service.read(bench.codec.encode(bench.call(undefined, method)))
      assert.equal(received.method, method)
      if (received.service !== undefined) assert.equal(received.service, 'go.micro.srv.greeter')
    }
  },

  'its headers say the type, and leave framing, host and deadline to others'(bench: Bench) {
    const { headers, path } = bench.codec.encode(bench.call())
    assert.ok(path.startsWith('/'))
    assert.equal(headers.length % 2, 0)
    const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
    assert.equal(new Set(names).size, names.length, 'a header is named twice')
    for (const name of ['content-type', 'accept']) assert.ok(names.includes(name), `expected ${name}`)
    for (const name of ['host', 'content-length', 'transfer-encoding', 'connection', 'timeout']) {
      assert.ok(!names.includes(name), `expected no ${name}`)
    }
  },

  'a name that would break a header is refused or does not get there'(bench: Bench) {
    for (const bad of ['A\r\nX-Evil: 1', 'A\nB', 'A\0B']) {
      for (const call of [bench.call(undefined, bad), { ...bench.call(), service: bad }]) {
        try {
          for (const header of bench.codec.encode(call).headers) assert.doesNotMatch(header, /[\r\n\0]/)
        } catch (error) {
          assert.equal(error instanceof Error && error.name, 'MicroError', String(error))
        }
      }
    }
  },

  'what it is given stays as it was'(bench: Bench) {
    const body = Buffer.from(bench.bodies[0] ?? [])
    const copy = Buffer.from(body)
    const call = Object.freeze(bench.call(body))
    bench.codec.encode(call)
    const answer = bench.answer(body)
    const before = Buffer.from(answer.body)
    bench.codec.decode(Object.freeze({ ...answer, headers: Object.freeze([...answer.headers]) }), call)
    assert.ok(copy.equals(body) && before.equals(answer.body))
  },
}

/** The space around a JSON value is not part of it. */
function trimmed(bench: Bench, bytes: Uint8Array): Buffer {
  if (bench.fixtures.contentType !== 'application/json') return Buffer.from(bytes)
  return Buffer.from(
    Buffer.from(bytes)
      .toString()
      .replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''),
  )
}

function start(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1', 0, 60))
}
