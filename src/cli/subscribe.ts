import { text } from 'node:stream/consumers'
import type { WebSocket } from 'ws'
import type { CommandLine } from './commands.js'
import { detailOf, type Remote, remoteOf } from './remote.js'
import { complain } from './terminal.js'

const closeTimeout = 1000
/** Milliseconds without a ping of the sidecar's: it says one every 54 s. */
const patience = 120_000

/** Prints the body of each message of a topic, one a line, until it is told to stop. */
export async function subscribe({ words, flags, faults }: CommandLine): Promise<number> {
  const remote = await remoteOf(flags, faults)
  const [topic = ''] = words
  const socket = await joined(remote, topic, flags.get('queue'))
  return new Promise((resolve) => {
    let failure = `no sidecar at ${remote.name}`
    let code: number | undefined
    const end = () => {
      code = 0
      socket.close()
      setTimeout(() => socket.terminate(), closeTimeout).unref()
    }
    const deadline = setTimeout(() => socket.terminate(), patience)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
    // Nobody reads on (`| head`).
    process.stdout.once('error', end)
    socket.on('ping', () => deadline.refresh())
    socket.on('message', (data: Buffer) => print(socket, data))
    socket.on('unexpected-response', async (_request, answer) => {
      failure = `the sidecar at ${remote.name} refused: ${answer.statusCode} ${detailOf(await text(answer).catch(nothing))}`
      socket.terminate()
    })
    socket.on('error', ({ message }) => {
      failure += `: ${message}`
    })
    socket.on('open', () => {
      failure = 'the connection to the sidecar broke'
    })
    socket.on('close', (closed, reason) => {
      clearTimeout(deadline)
      const said = closed === 1006 ? failure : `the sidecar ended it: ${closed} ${reason.toString()}`
      resolve(code ?? complain(said))
    })
  })
}

async function joined({ url, socketPath, headers }: Remote, topic: string, queue: unknown): Promise<WebSocket> {
  const { WebSocket } = await import('ws')
  const query = new URLSearchParams({ topic, ...(typeof queue === 'string' ? { queue } : {}) })
  const place = `${url.protocol === 'https:' ? 'wss' : 'ws'}://${url.host}/broker?${query}`
  return new WebSocket(place, {
    headers,
    perMessageDeflate: false,
    ...(socketPath === undefined ? {} : { socketPath }),
  })
}

/** As fast as whoever reads it. */
function print(socket: WebSocket, data: Buffer): void {
  const { Body: body }: { Body?: unknown } = Object(JSON.parse(data.toString()))
  if (process.stdout.write(Buffer.concat([Buffer.from(String(body), 'base64'), Buffer.from('\n')]))) return
  socket.pause()
  process.stdout.once('drain', () => socket.resume())
}

function nothing(): string {
  return ''
}
