import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { forwardUpgrade, type Upgrade, type UpgradeInput, type UpgradeOutcome } from '../../src/transport/upgrade.js'

export const handshake =
  'GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

export const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

export interface Front {
  readonly port: number
  readonly upgrades: Upgrade[]
  /** Resolves with the outcome of the next upgrade that ends. */
  outcome(): Promise<UpgradeOutcome>
  readonly sockets: Socket[]
}

type Options = Partial<Omit<UpgradeInput, 'request' | 'socket' | 'head'>> | ((request: IncomingMessage) => object)

/** Everything that a test opened; closed by `closeAll`. */
const opened: (Server | Socket)[] = []

/** A server that hands every upgrade to one node. */
export async function front(nodePort: number, options: Options = {}): Promise<Front> {
  const outcomes: UpgradeOutcome[] = []
  const waiting: ((outcome: UpgradeOutcome) => void)[] = []
  const upgrades: Upgrade[] = []
  const sockets: Socket[] = []
  const server = createHttpServer()
  server.on('upgrade', (request, socket: Socket, head) => {
    socket.on('error', ignore)
    sockets.push(socket)
    upgrades.push(
      forwardUpgrade({
        request,
        socket,
        head,
        target: { address: '127.0.0.1', port: nodePort },
        path: request.url ?? '/',
        headers: endToEnd(request.rawHeaders),
        connectTimeout: 2000,
        idleTimeout: 0,
        onDone: (outcome) => {
          const next = waiting.shift()
          if (next === undefined) outcomes.push(outcome)
          else next(outcome)
        },
        ...(typeof options === 'function' ? options(request) : options),
      }),
    )
  })
  const port = await listen(server)
  return {
    port,
    upgrades,
    sockets,
    outcome: () => {
      const first = outcomes.shift()
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve))
    },
  }
}

export async function rawNode(onSocket: (socket: Socket) => void): Promise<number> {
  return listen(
    createServer((socket) => {
      opened.push(socket)
      socket.on('error', ignore)
      onSocket(socket)
    }),
  )
}

/** A node that takes every upgrade and then does what the test says, with what came behind the head. */
export async function switchingNode(
  onSwitch: (socket: Socket, head: string) => void,
  answer = switching,
): Promise<number> {
  return rawNode((socket) => {
    let head = ''
    socket.on('data', function read(chunk) {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', read)
      socket.pause()
      const rest = head.slice(end + 4)
      if (rest !== '') socket.unshift(Buffer.from(rest, 'latin1'))
      socket.write(answer, 'latin1')
      onSwitch(socket, head.slice(0, end + 4))
      socket.resume()
    })
  })
}

export function call(port: number, bytes: string | Buffer = handshake): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  opened.push(socket)
  socket.on('error', ignore)
  if (bytes.length > 0) socket.write(bytes)
  return socket
}

/** All that a socket says until it closes. */
export function untilClosed(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  return new Promise((resolve) => socket.once('close', () => resolve(text)))
}

/** What a socket says until `part` has come. */
export function until(socket: Socket, part: string): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    socket.on('data', function read(chunk) {
      text += chunk.toString('latin1')
      if (!text.includes(part)) return
      socket.off('data', read)
      resolve(text)
    })
  })
}

export function closed(socket: Socket): Promise<number> {
  const started = performance.now()
  if (socket.closed) return Promise.resolve(0)
  return new Promise((resolve) => socket.once('close', () => resolve(performance.now() - started)))
}

export async function listen(server: Server): Promise<number> {
  opened.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export function closeAll(): void {
  for (const one of opened.splice(0)) 'destroy' in one ? one.destroy() : one.close()
}

function endToEnd(raw: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    if (!/^(connection|upgrade)$/i.test(raw[i] ?? '')) kept.push(raw[i] ?? '', raw[i + 1] ?? '')
  }
  return kept
}

function ignore(): void {}
