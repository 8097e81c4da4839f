import { io } from 'socket.io-client'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { command, endAll, folder, listening } from './support/command.js'

afterEach(endAll)

const flags = ['--address=127.0.0.1:0', '--registry=memory']
const base64 = (text: string) => Buffer.from(text).toString('base64')

test('a message reaches subscribers by WebSocket, events and socket.io', async () => {
  const { url } = await listening(flags)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/broker?topic=a`)
  await new Promise((resolve) => socket.once('open', resolve))
  const frame = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
  const stream = await fetch(`${url}/broker?topic=a`, { headers: { accept: 'text/event-stream' } })
  const client = io(`${url}/broker`, { path: '/broker/socket.io' })
  const packet = new Promise<unknown[]>((resolve) => client.once('message', (...args) => resolve(args)))
  expect(await client.emitWithAck('subscribe', 'a')).toEqual({ ok: true })
  const headers = { 'content-type': 'text/plain' }
  expect((await fetch(`${url}/broker?topic=a`, { method: 'POST', body: 'x', headers })).status).toBe(200)
  const message = { Header: expect.objectContaining(headers), Body: base64('x') }
  expect(JSON.parse(await frame)).toEqual(message)
  expect(await packet).toEqual(['a', message])
  let text = ''
  const reader = stream.body?.getReader()
  while (!text.includes(`"Body":"${base64('x')}"`)) text += new TextDecoder().decode((await reader?.read())?.value)
  client.disconnect()
  socket.terminate()
  await reader?.cancel()
})

test('publish and subscribe, through a sidecar with a token', async () => {
  const files = await folder({ token: 'secret\n' })
  const options = { cwd: files.path }
  const { url } = await listening([...flags, '--token-file=token'], options)
  const to = [`--proxy_address=${url.replace('http://', '')}`, '--token-file=token']
  const all = command(['subscribe', 'a', ...to], options)
  const members = [1, 2].map(() => command(['subscribe', 'a', '--queue=q', ...to], options))
  await subscribers(url, 3)
  const published = async (args: string[], input = '') => {
    const run = command(['publish', 'a', ...args, ...to], options)
    run.child.stdin?.end(input)
    return [await run.ended, run.stdout(), run.stderr()]
  }
  expect(await published(['one'])).toEqual([0, 'ok\n', ''])
  expect(await published([], '{"two":2}')).toEqual([0, 'ok\n', ''])
  await all.line(/^\{"two":2\}$/)
  expect(all.stdout()).toBe('one\n{"two":2}\n')
  await expect.poll(() => members.map((member) => member.stdout()).sort()).toEqual(['one\n', '{"two":2}\n'])
  all.child.kill('SIGINT')
  expect(await all.ended).toBe(0)
  await files.remove()
})

test('publish and subscribe say why they fail, in one line, and end with 1', async () => {
  const sidecar = await listening(flags)
  const to = `--proxy_address=${sidecar.url}`
  const failures: [string[], RegExp][] = [
    [['publish', 'a b', 'x', to], /^micro-sidecar: the message was not accepted: 400 the topic "a b" holds .*\n$/],
    [['subscribe', 'a b', to], /^micro-sidecar: the sidecar at http:.* refused: 400 the topic "a b" holds .*\n$/],
    [['publish', 'a', 'x', '--proxy_address=127.0.0.1:1'], /^micro-sidecar: no sidecar at 127.0.0.1:1: .*REFUSED.*\n$/],
    [['subscribe', 'a', '--proxy_address=127.0.0.1:1'], /^micro-sidecar: no sidecar at 127.0.0.1:1: .*REFUSED.*\n$/],
  ]
  for (const [args, said] of failures) {
    const run = command(args)
    expect([await run.ended, run.stdout()]).toEqual([1, ''])
    expect(run.stderr()).toMatch(said)
  }
  const cut = command(['subscribe', 'a', to])
  await subscribers(sidecar.url, 1)
  sidecar.child.kill('SIGTERM')
  expect(await cut.ended).toBe(1)
  expect(cut.stderr()).toBe('micro-sidecar: the sidecar ended it: 1001 the sidecar stops\n')
  expect(await sidecar.ended).toBe(0)
})

test.each([
  [['publish'], /expected: publish TOPIC \[BODY\]/],
  [['publish', 'a', 'b', 'c'], /expected: publish TOPIC \[BODY\]/],
  [['subscribe'], /expected: subscribe TOPIC \[--queue=QUEUE\]/],
  [['publish', 'a', 'b', '--queue=c'], /--queue\n.*publish does not take it/],
  [['start', '--queue=c'], /--queue\n.*start does not take it/],
  [['publish', 'a', 'b', '--proxy_address=http://'], /--proxy_address\n.*HOST:PORT/],
])('wrong usage %j ends with 2', async (args, said) => {
  const run = command(args)
  expect(await run.ended).toBe(2)
  expect(run.stderr()).toMatch(said)
})

/** Waits until so many have subscribed to `a`. */
async function subscribers(url: string, count: number): Promise<void> {
  const headers = { authorization: 'Bearer secret' }
  const metrics = async () => (await fetch(`${url}/metrics`, { headers })).text()
  await expect.poll(metrics, { timeout: 10_000 }).toContain(`micro_subscribers{topic="a"} ${count}\n`)
}
