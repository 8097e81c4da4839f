import assert from 'node:assert/strict'
import { MicroError } from '../../errors.js'
import type { Bench } from './bench.js'

/** What a codec makes of errors, and of answers that are none. */
export const failing = {
  "a service's error form passes with its own id, code, detail and status"(bench: Bench) {
    for (const code of [400, 404, 418, 500, 599]) {
      const form = { id: 'go.micro.srv.greeter', code, detail: 'no "such" thing: 漢 😀', status: 'Own Words' }
      const error = bench.refusal(bench.fixtures.service.fail(JSON.stringify(form)))
      assert.deepEqual(error.toJSON(), form)
      assert.equal(error.reason, undefined, 'the service made the error, not the sidecar')
    }
    const bare = bench.refusal(bench.fixtures.service.fail('{"id":"x","code":404,"detail":"gone","status":""}'))
    assert.equal(bare.status, 'Not Found')
  },

  'a code that is no HTTP error becomes 500'(bench: Bench) {
    for (const code of ['200', '399', '600', '-1', '404.5', '1e400', '99999999999999999999']) {
      const error = bench.refusal(bench.fixtures.service.fail(`{"id":"x","code":${code},"detail":"odd"}`))
      assert.deepEqual(error.toJSON(), { id: 'x', code: 500, detail: 'odd', status: 'Internal Server Error' })
    }
  },

  'an error without a code, or in plain words, is a 500 of go.micro.api'(bench: Bench) {
    const cases = [
      ['boom', 'boom'],
      ['{"id":"x","code":0,"detail":"boom"}', 'boom'],
      ['{"detail":"boom"}', 'boom'],
      ['{"id":"x","code":"404","detail":"boom"}', 'boom'],
      ['{"broken', '{"broken'],
      ['[1]', '[1]'],
      ['null', 'null'],
    ]
    for (const [text = '', detail] of cases) {
      const error = bench.refusal(bench.fixtures.service.fail(text))
      assert.equal(error.id, 'go.micro.api')
      assert.equal(error.code, 500)
      assert.equal(error.detail, `error during request: ${detail}`)
      assert.equal(error.reason, undefined)
    }
  },

  'an error of any size and depth is an error still'(bench: Bench) {
    for (const text of ['x'.repeat(200_000), '['.repeat(50_000), `{"code":404,"detail":"${'y'.repeat(50_000)}"}`]) {
      bench.refusal(bench.fixtures.service.fail(text))
    }
    bench.refusal(bench.fixtures.service.fail('{"__proto__":{"polluted":1},"code":404,"detail":"x"}'))
    assert.ok(!('polluted' in {}))
  },

  'a status other than 200 is an error, with the words of the answer'(bench: Bench) {
    const answer = bench.answer(bench.bodies[0] ?? new Uint8Array())
    const withBody = (status: number, text: string) => ({ ...answer, status, body: Buffer.from(text) })
    const gone = bench.refusal(withBody(404, 'no such\0page'))
    assert.deepEqual([gone.id, gone.code], ['go.micro.client', 404])
    assert.match(gone.detail, /404/)
    assert.match(gone.detail, /no such page/)
    const form = { id: 'srv', code: 409, detail: 'taken', status: 'Conflict' }
    assert.deepEqual(bench.refusal(withBody(500, JSON.stringify(form))).toJSON(), form)
    for (const status of [101, 201, 204, 301, 304, 600, 999]) {
      const error = bench.refusal(withBody(status, ''))
      assert.deepEqual([error.code, error.reason], [502, 'protocol'], `status ${status}`)
    }
    for (const status of [400, 429, 500, 503, 599]) assert.equal(bench.refusal(withBody(status, '')).code, status)
  },

  'an answer cut at any byte is an error, or at the least not the whole result'(bench: Bench) {
    const result = bench.bodies[0] ?? new Uint8Array()
    const answers = [bench.answer(result), bench.fixtures.service.fail('{"id":"x","code":404,"detail":"gone"}')]
    for (const answer of answers) {
      for (let length = 0; length < answer.body.length; length++) {
        const outcome = bench.outcome({ ...answer, body: answer.body.subarray(0, length) })
        if (outcome instanceof MicroError) continue
        // White space may stand behind the last byte that counts.
        const rest = answer.body.subarray(length).toString('latin1')
        assert.ok(rest.trim() === '' || !Buffer.from(outcome).equals(result), `cut at ${length}`)
      }
    }
  },

  'garbage is an error, or bytes, and nothing else'(bench: Bench) {
    const answer = bench.answer(bench.bodies[0] ?? new Uint8Array())
    const random = randomBytes(20_180_305)
    for (let round = 0; round < 2_000; round++) {
      const changed = Buffer.from(answer.body)
      for (let change = 0; change <= round % 4; change++) changed[random() % changed.length] = random() % 256
      bench.outcome({ ...answer, body: changed })
      bench.outcome({ ...answer, body: Buffer.from(Array.from({ length: random() % 64 }, () => random() % 256)) })
    }
    for (const text of [
      '',
      'null',
      '[]',
      '1',
      '"x"',
      '<html>',
      '{',
      `${'['.repeat(100_000)}`,
      `{"error":${'['.repeat(100_000)}`,
    ]) {
      bench.outcome({ ...answer, body: Buffer.from(text) })
    }
    bench.outcome({ ...answer, body: Buffer.alloc(100_000, 0xff) })
  },
}

/** The same numbers every run. */
function randomBytes(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}
