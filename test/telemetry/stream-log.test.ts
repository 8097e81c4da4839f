import { Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLog, type LogOptions } from '../../src/telemetry/stream-log.js'

const REQUEST = {
  method: 'GET',
  path: '/greeter/say/hello',
  service: 'go.micro.srv.greeter',
  node: 'greeter-1',
  status: 200,
  duration: 1.5,
  attempts: 1,
  requestId: 'r1',
}

describe('the json format', () => {
  test('writes one object a record, time, level and msg first', () => {
    const { log, lines } = memory()
    log.info('registry ready', { registry: 'memory', services: 2, empty: undefined, up: true })
    log.flush()
    const [line] = lines()
    expect(Object.keys(JSON.parse(line ?? ''))).toEqual(['time', 'level', 'msg', 'registry', 'services', 'up'])
    expect(JSON.parse(line ?? '')).toMatchObject({ level: 'info', msg: 'registry ready', registry: 'memory', up: true })
    expect(new Date(JSON.parse(line ?? '').time).getTime()).toBeGreaterThan(Date.now() - 5000)
  })

  test('an access line has its fields in order, absent ones as null', () => {
    const { log, lines } = memory()
    log.access(REQUEST)
    log.flush()
    const line = JSON.parse(lines()[0] ?? '')
    expect(Object.keys(line).join(' ')).toBe(
      'time level msg method path service node status error duration attempts requestId traceId',
    )
    expect(line).toMatchObject({ ...REQUEST, error: null, traceId: null })
  })

  test('a field cannot pose as the level', () => {
    const { log, lines } = memory()
    log.warn('real', { level: 'info', msg: 'forged', other: 1 })
    log.flush()
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({ level: 'warn', msg: 'real', other: 1 })
  })

  test('values of every kind are written', () => {
    const { log, lines } = memory()
    const circular: Record<string, unknown> = {}
    circular.self = circular
    log.error('kinds', {
      error: new TypeError('what', { cause: new Error('why') }),
      list: [1, 'two', 3n],
      circular,
      long: 'x'.repeat(10_000),
      infinite: Number.POSITIVE_INFINITY,
      big: 12345678901234567890n,
    })
    log.flush()
    const line = JSON.parse(lines()[0] ?? '')
    expect(line.error).toBe('TypeError: what ← why')
    expect(line.list).toBe('[1,"two","3"]')
    expect(line.circular).toBe('[unprintable]')
    expect(line.long).toHaveLength(8192 + '… (1808 more)'.length)
    expect(line.infinite).toBe('Infinity')
    expect(line.big).toBe('12345678901234567890')
  })
})

describe.each(['json', 'pretty'] as const)('the %s format', (format) => {
  test('S13: one call is one line, without control characters or line separators', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...NASTY) }))
    fc.assert(
      fc.property(text, text, text, (msg, key, value) => {
        const { log, output } = memory({ format, colors: false })
        log.info(msg, { [key]: value, nested: { [key]: value } })
        log.access({ ...REQUEST, path: value, service: msg, node: value, error: msg, requestId: value })
        log.flush()
        const lines = output().split('\n')
        expect(lines).toHaveLength(3)
        expect(lines.pop()).toBe('')
        for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u)
        if (format === 'json') for (const line of lines) JSON.parse(line)
      }),
      { numRuns: 500, seed: 13 },
    )
  })

  test('S14: no secret is written', () => {
    const { log, output } = memory({ format, secrets: ['c4n4ry"k'], level: 'debug' })
    const hidden = 'c4n4ry"k'
    log.info(`told ${hidden}`, { authorization: 'c4n4ry', token: 'c4n4ry', client_secret: 'c4n4ry', cookie: 'c4n4ry' })
    log.debug('nested', { options: { password: 'c4n4ry', 'x-api-key': 'c4n4ry', deep: [{ 'Set-Cookie': 'c4n4ry' }] } })
    log.warn('to http://joe:c4n4ry@host:1/ failed', { url: 'nats://c4n4ry@host', error: new Error('Bearer c4n4ry') })
    log.access({ ...REQUEST, path: `/x?token=c4n4ry`, service: hidden, error: 'Authorization: Basic c4n4ry' })
    log.access({ ...REQUEST, path: 'http://joe:c4n4ry@host/x' })
    log.flush()
    expect(output()).not.toContain('c4n4ry')
    expect(output()).toContain('***')
  })

  test('records below the level are not written', () => {
    const { log, output } = memory({ format, level: 'warn' })
    log.debug('one')
    log.info('two')
    log.access(REQUEST)
    log.warn('three')
    log.error('four')
    log.flush()
    expect(output()).toMatch(/three.*\n.*four/)
    expect(output().split('\n')).toHaveLength(3)
  })
})

test('silent writes nothing at all', () => {
  const { log, output } = memory({ level: 'silent' })
  log.error('x')
  log.access(REQUEST)
  log.flush()
  expect(output()).toBe('')
})

test('the pretty format reads well', () => {
  const { log, lines } = memory({ format: 'pretty', colors: false })
  log.info('listening', { url: 'http://127.0.0.1:8081', why: 'no agent', empty: '' })
  log.access({ ...REQUEST, status: 503, error: 'no_node', node: undefined })
  log.access({ ...REQUEST, attempts: 2 })
  log.flush()
  const [first, second, third] = lines().map((line) => line.replace(/^[\d:.]{12} /, ''))
  expect(first).toBe('info  listening url=http://127.0.0.1:8081 why="no agent" empty=""')
  expect(second).toBe('503 GET /greeter/say/hello 1.5ms service=go.micro.srv.greeter error=no_node')
  expect(third).toBe('200 GET /greeter/say/hello 1.5ms service=go.micro.srv.greeter node=greeter-1 attempts=2')
})

test('colours are written only where asked for', () => {
  const { log, output } = memory({ format: 'pretty', colors: true })
  log.access({ ...REQUEST, status: 404 })
  log.flush()
  expect(output()).toContain('\x1b[33m404\x1b[0m')
})

const NASTY = [
  '\n',
  '\r',
  '\0',
  '\x1b',
  '\x7f',
  '\x85',
  '\u2028',
  '\u2029',
  '\ud800',
  '"',
  '\\',
  'a',
  '\u{1f600}',
] as const

function memory(options: Partial<LogOptions> = {}) {
  const chunks: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  const log = createLog({ level: 'info', format: 'json', stream, ...options })
  const output = () => chunks.join('')
  return { log, output, lines: () => output().split('\n').slice(0, -1) }
}
