import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LogBuffer } from '../../src/telemetry/log-buffer.js'

const LINE = `${'x'.repeat(1023)}\n`

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('writes the lines of a moment at once, within 100 ms', () => {
  const { buffer, chunks } = reader()
  buffer.push('one\n')
  buffer.push('two\n')
  expect(chunks).toEqual([])
  vi.advanceTimersByTime(100)
  expect(chunks).toEqual(['one\ntwo\n'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a flush writes what waits, and the order stays', () => {
  const { buffer, chunks } = reader()
  buffer.push('one\n')
  buffer.flush()
  buffer.push('two\n')
  buffer.flush()
  buffer.flush()
  expect(chunks).toEqual(['one\n', 'two\n'])
})

test('a reader that stalls costs a bounded amount of memory, and is told what it missed', () => {
  const { buffer, chunks, release } = reader({ stalled: true })
  for (let i = 0; i < 20_000; i++) buffer.push(LINE)
  vi.advanceTimersByTime(100)
  expect(vi.getTimerCount()).toBe(0)
  release()
  vi.advanceTimersByTime(100)
  const lines = chunks.join('').split('\n')
  const written = lines.filter((line) => line.startsWith('x')).length
  expect(written * 1024).toBeLessThanOrEqual(8 * 1024 * 1024 + 2048)
  expect(written).toBeGreaterThan(8000)
  expect(lines).toContain(`${20_000 - written} lost`)
})

test('a reader that has gone (EPIPE) is written to no more, and nothing crashes', async () => {
  const { buffer, stream, attempts } = reader({ failing: true })
  const closed = new Promise((resolve) => stream.once('close', resolve))
  buffer.push('one\n')
  buffer.flush()
  await closed
  for (let i = 0; i < 10; i++) buffer.push('two\n')
  buffer.flush()
  expect(vi.getTimerCount()).toBe(0)
  expect(attempts()).toBe(1)
})

test('many logs on one stream share one error listener', () => {
  const { stream } = reader()
  for (let i = 0; i < 20; i++) new LogBuffer(stream, String)
  expect(stream.listenerCount('error')).toBe(1)
})

function reader(options: { stalled?: boolean; failing?: boolean } = {}) {
  const chunks: string[] = []
  let stalled = options.stalled === true
  let tried = 0
  let waiting: (() => void) | undefined
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      tried++
      if (options.failing === true) return done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
      chunks.push(chunk)
      if (stalled) waiting = done
      else done()
    },
  })
  const release = () => {
    stalled = false
    waiting?.()
  }
  return { buffer: new LogBuffer(stream, (count) => `${count} lost\n`), chunks, stream, release, attempts: () => tried }
}
