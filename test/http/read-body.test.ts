import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readBody } from '../../src/http/read-body.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function trickle(): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  const timer = setInterval(() => request.push('x'), 1000)
  request.on('close', () => clearInterval(timer))
  return request
}

test('S4: a body that trickles in is given up after 10 s', async () => {
  const request = trickle()
  const read = readBody(request, 1000)
  const refused = expect(read).rejects.toMatchObject({ code: 408, reason: 'timeout' })
  await vi.advanceTimersByTimeAsync(10_000)
  await refused
  request.destroy()
})

test('one that ends in time leaves no timer behind', async () => {
  const request = new IncomingMessage(new Socket())
  const read = readBody(request, 1000)
  request.push('ab')
  request.push(null)
  await vi.advanceTimersByTimeAsync(1)
  expect((await read).toString()).toBe('ab')
  expect(vi.getTimerCount()).toBe(0)
})
