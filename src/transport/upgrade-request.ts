import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type HttpProxy from 'http-proxy'
import type { UpgradeInput } from './upgrade-input.js'

/** http-proxy, loaded when the first upgrade comes. */
export async function upgradeEngine(): Promise<typeof HttpProxy> {
  return (await import('http-proxy')).default
}

export interface UpgradeListeners {
  /** Before a byte is sent. */
  onRequest(node: ClientRequest): void
  onError(error: Error): void
  /** True: http-proxy writes the 101 and pipes the two sockets into each other. */
  onUpgrade(answer: IncomingMessage, nodeSocket: Socket): boolean
  /** After that. */
  onOpen(nodeSocket: Socket): void
  /** No 101. Left to http-proxy it would keep hop-by-hop headers and a framing that is gone. */
  onResponse(answer: IncomingMessage): void
}

/** Has http-proxy send the request with exactly the given head. Throws when a header cannot be sent. */
export function askNode(Engine: typeof HttpProxy, input: UpgradeInput, listeners: UpgradeListeners): void {
  const { address, port } = input.target
  // `toProxy` keeps it from parsing a path that `writeHead` replaces anyway.
  const proxy = new Engine({ target: { host: address, port }, method: input.request.method, toProxy: true })
  let node: ClientRequest | undefined
  proxy.once('proxyReqWs', (request) => {
    node = request
    request.on('error', (error) => listeners.onError(error))
    listeners.onRequest(request)
    writeHead(request, input)
  })
  proxy.once('open', (nodeSocket) => listeners.onOpen(nodeSocket))
  withoutDeprecations(() => proxy.ws(disguise(input.request), input.socket, Buffer.alloc(0), undefined, ignore))
  if (node !== undefined) takeOver(node, listeners)
}

/**
 * http-proxy's own listeners run only when the node has switched and the caller is still there. Its `error` listener
 * never does: it ends the caller's socket, which may yet be answered, or served by another node.
 */
function takeOver(node: ClientRequest, listeners: UpgradeListeners): void {
  const [upgrade] = node.listeners('upgrade')
  for (const event of ['error', 'upgrade', 'response']) node.removeAllListeners(event)
  node.on('error', (error) => listeners.onError(error))
  node.on('upgrade', (answer, nodeSocket, head) => {
    if (upgrade && listeners.onUpgrade(answer, nodeSocket)) Reflect.apply(upgrade, node, [answer, nodeSocket, head])
  })
  node.on('response', (answer) => listeners.onResponse(answer))
}

/** http-proxy's object of headers loses order, spelling and repetition: they are set here, from the raw list. */
function writeHead(node: ClientRequest, { request, headers, path }: UpgradeInput): void {
  for (const name of node.getHeaderNames()) node.removeHeader(name)
  const values = new Map<string, { readonly name: string; readonly all: string[] }>()
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    const known = values.get(name.toLowerCase())
    if (known === undefined) values.set(name.toLowerCase(), { name, all: [headers[i + 1] ?? ''] })
    else known.all.push(headers[i + 1] ?? '')
  }
  for (const { name, all } of values.values()) node.setHeader(name, all.length === 1 ? (all[0] ?? '') : all)
  node.setHeader('Connection', 'Upgrade')
  node.setHeader('Upgrade', request.headers.upgrade ?? '')
  node.path = path
}

/** http-proxy takes WebSockets only; method, path and headers are set to the true ones before anything is sent. */
function disguise(request: IncomingMessage): IncomingMessage {
  return Object.create(request, {
    method: { value: 'GET' },
    url: { value: '/' },
    headers: { value: { connection: 'Upgrade', upgrade: 'websocket' } },
  })
}

/** http-proxy calls `util._extend`, of which Node 22 and later warn, and throw under `--throw-deprecation`. */
function withoutDeprecations(run: () => void): void {
  const before = process.noDeprecation
  process.noDeprecation = true
  try {
    run()
  } finally {
    process.noDeprecation = before
  }
}

function ignore(): void {}
