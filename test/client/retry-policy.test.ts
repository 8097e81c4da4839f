import { describe, expect, test } from 'vitest'
import {
  isReplayable,
  type Mishap,
  mayBeRetried,
  mishapOf,
  mishapOfStatus,
  type Remedy,
  remedyFor,
} from '../../src/client/retry-policy.js'
import type { RetryCause } from '../../src/config/settings.js'
import { TransportError, type TransportErrorKind, type WireBody } from '../../src/transport/transport.js'
import { clientCall, serviceSettings } from './calls.js'

const standard: readonly RetryCause[] = ['connect', 'reset', 502, 503, 504]

/** What happened, with which status, and what follows in the usual case: idempotent, its body at hand. */
const rows: readonly [Mishap, number, Remedy][] = [
  ['connect', 0, 'move'],
  ['stale', 0, 'reopen'],
  ['reset', 0, 'retry'],
  ['timeout', 0, 'retry'],
  ['status', 502, 'retry'],
  ['status', 503, 'retry'],
  ['status', 504, 'retry'],
  ['status', 500, 'none'],
  ['status', 404, 'none'],
  ['status', 401, 'none'],
  ['later', 408, 'retry'],
  ['later', 425, 'retry'],
  ['later', 429, 'retry'],
  ['protocol', 0, 'none'],
  ['request', 0, 'none'],
]

describe('complaint 1: what may be tried again depends on what happened', () => {
  test.each(rows)('%s %i: %s', (mishap, status, remedy) => {
    expect(remedyFor(mishap, status, clientCall(), true)).toBe(remedy)
  })

  test.each(rows)(
    '%s %i, when it must not run twice or its body is gone: only if nothing was sent',
    (mishap, status) => {
      const remedy = mishap === 'connect' ? 'move' : 'none'
      expect(remedyFor(mishap, status, clientCall({ idempotent: false }), true)).toBe(remedy)
      expect(remedyFor(mishap, status, clientCall(), false)).toBe(remedy)
    },
  )

  test.each(rows)('%s %i, without retries: at most the connection is opened again', (mishap, status) => {
    const call = clientCall({ settings: serviceSettings({ retries: 0 }) })
    expect(remedyFor(mishap, status, call, true)).toBe(mishap === 'stale' ? 'reopen' : 'none')
  })
})

describe('retryOn', () => {
  test.each<[Mishap, number, RetryCause]>([
    ['connect', 0, 'connect'],
    ['reset', 0, 'reset'],
    ['timeout', 0, 504],
    ['status', 503, 503],
    ['status', 409, 409],
  ])('%s %i is wanted by %s', (mishap, status, cause) => {
    const others = standard.filter((one) => one !== cause)
    const call = (retryOn: readonly RetryCause[]) => clientCall({ settings: serviceSettings({ retryOn }) })
    expect(remedyFor(mishap, status, call(others), true)).toBe('none')
    expect(remedyFor(mishap, status, call([cause]), true)).not.toBe('none')
  })

  test('a node that asks for a later call gets it where any answer is listed', () => {
    const call = (retryOn: readonly RetryCause[]) => clientCall({ settings: serviceSettings({ retryOn }) })
    expect(remedyFor('later', 429, call(['connect', 'reset']), true)).toBe('none')
    expect(remedyFor('later', 429, call([503]), true)).toBe('retry')
  })

  test('an RPC that came to no node always moves on', () => {
    const settings = serviceSettings({ retryOn: [503] })
    expect(remedyFor('connect', 0, clientCall({ handler: 'rpc', settings, idempotent: false }), false)).toBe('move')
    expect(remedyFor('connect', 0, clientCall({ handler: 'proxy', settings }), true)).toBe('none')
  })
})

test.each<[TransportErrorKind, boolean, boolean, Mishap]>([
  ['connect', false, false, 'connect'],
  ['timeout', false, false, 'connect'],
  ['reset', false, false, 'connect'],
  ['reset', true, false, 'reset'],
  ['reset', true, true, 'stale'],
  ['timeout', true, true, 'timeout'],
  ['protocol', true, true, 'protocol'],
  ['request', false, false, 'request'],
  ['request', true, true, 'request'],
])('%s, sent %s, reused %s: %s', (kind, sent, reused, mishap) => {
  expect(mishapOf(new TransportError(kind, 'x', { sent, reused }))).toBe(mishap)
})

test('408, 425 and 429 are looked at only with a Retry-After', () => {
  for (const status of [408, 425, 429]) {
    expect(mishapOfStatus(status, false)).toBeUndefined()
    expect(mishapOfStatus(status, true)).toBe('later')
    expect(mayBeRetried(status, serviceSettings())).toBe(true)
  }
  expect(mishapOfStatus(503, false)).toBe('status')
  expect([200, 304, 404, 500].some((status) => mayBeRetried(status, serviceSettings()))).toBe(false)
})

test.each<[string, WireBody, boolean]>([
  ['no body', null, true],
  ['an empty one', new Uint8Array(0), true],
  ['one at the limit', new Uint8Array(10), true],
  ['a larger one', new Uint8Array(11), false],
  ['a stream', { length: 1, source: process.stdin }, false],
])('complaint 12: %s can be sent again: %s', (_name, body, replayable) => {
  const request = { method: 'PUT', path: '/', headers: [], body }
  expect(isReplayable(request, serviceSettings({ replayLimit: 10 }))).toBe(replayable)
})
