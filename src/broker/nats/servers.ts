import { ConfigError } from '../../errors.js'

/** A NATS server as the configuration, or another server of its cluster, names it. */
export interface NatsServer {
  readonly host: string
  readonly port: number
  /** `tls://`: not without TLS. */
  readonly secure: boolean
}

const usual: NatsServer = { host: '127.0.0.1', port: 4222, secure: false }

/** `address` is what the flag of the original says: the same as `servers`, in one text with commas. */
export function serversOf(servers: readonly string[] | undefined, address: string | undefined): readonly NatsServer[] {
  if (servers !== undefined && address !== undefined)
    throw fault('address', 'found it beside servers; keep one of them')
  const named = (servers ?? []).map((text, index) => serverAt(text, `servers.${index}`))
  const listed = (address?.split(',') ?? []).map((text) => serverAt(text.trim(), 'address'))
  const all = [...named, ...listed]
  return all.length === 0 ? [usual] : all
}

/** `undefined` for what is none. */
export function serverOf(text: string): NatsServer | undefined {
  const match = /^(?:(nats|tls):\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s/@?#]*))(?::(\d{1,5}))?\/?$/i.exec(text)
  const host = match?.[2] ?? match?.[3] ?? ''
  const port = Number(match?.[4] ?? usual.port)
  if (match === null || (host === '' && match[4] === undefined) || port < 1 || port > 65_535) return undefined
  return { host: host === '' ? usual.host : host, port, secure: match[1]?.toLowerCase() === 'tls' }
}

function serverAt(text: string, key: string): NatsServer {
  const server = serverOf(text)
  if (server !== undefined) return server
  // What stands before an @ may be a password.
  const found = text.includes('@') ? 'a server with a user in it' : JSON.stringify(text)
  throw fault(
    key,
    `found ${found}, allowed: '127.0.0.1:4222', 'nats.example.com' or 'tls://[::1]:4222'; user, pass and token are keys`,
  )
}

function fault(key: string, message: string): ConfigError {
  return new ConfigError([{ source: 'config', path: `broker.${key}`, message }])
}
