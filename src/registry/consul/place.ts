import { pemTexts, type TlsFiles } from '../../config/pem.js'
import { ConfigError } from '../../errors.js'

/** What the configuration says of the Consul agent. */
export interface PlaceOptions {
  /** `127.0.0.1:8500`, `[::1]:8500`, `consul.example.com`, `https://…`. */
  readonly address?: string
  /** Read from another datacenter; registrations are made at the agent, in its own. */
  readonly datacenter?: string
  readonly token?: string
  readonly scheme?: 'http' | 'https'
  /** Files, or the PEM text itself. Their presence means https. */
  readonly tls?: TlsFiles
}

/** Where the agent is and what opens it. */
export interface Place {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** For messages: `127.0.0.1:8500`. */
  readonly authority: string
  readonly token: string | undefined
  readonly datacenter: string | undefined
  /** PEM texts. */
  readonly tls: TlsFiles
}

export function placeOf(options: PlaceOptions): Place {
  const { address = '127.0.0.1:8500', token, datacenter } = options
  const url = urlOf(address, options)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = Number(url.port) || (secure ? 443 : 80)
  return {
    secure,
    host,
    port,
    authority: `${url.hostname}:${port}`,
    token,
    datacenter,
    tls: pemTexts(options.tls ?? {}, 'registry.tls'),
  }
}

function urlOf(address: string, { scheme, tls }: PlaceOptions): URL {
  const given = /^(https?):\/\//i.exec(address)?.[1]?.toLowerCase()
  if (given !== undefined && scheme !== undefined && given !== scheme) throw contradiction(address, scheme)
  const secure = (given ?? scheme ?? (tls === undefined ? 'http' : 'https')) === 'https'
  const rest = given === undefined ? bare(address, secure) : address.replace(/^\w+:\/\//, '')
  try {
    const url = new URL(`${secure ? 'https' : 'http'}://${rest}`)
    if (isPlain(url)) return url
  } catch {}
  const allowed = "host:port or a URL without a path, as in '127.0.0.1:8500' or 'https://consul.example.com:8501'"
  throw fault('registry.address', `found '${address}', allowed: ${allowed}`)
}

/** Without a scheme, a missing host is this one and a missing port Consul's own. */
function bare(address: string, secure: boolean): string {
  const whole = address.startsWith(':') ? `127.0.0.1${address}` : address
  return /(?:^[^:]*|\])$/.test(whole) ? `${whole}:${secure ? 8501 : 8500}` : whole
}

function isPlain({ hostname, pathname, search, hash, username, port }: URL): boolean {
  return hostname !== '' && pathname === '/' && search === '' && hash === '' && username === '' && port !== '0'
}

function contradiction(address: string, scheme: string): ConfigError {
  return fault('registry.scheme', `found '${scheme}', but registry.address is '${address}'`)
}

function fault(path: string, message: string): ConfigError {
  return new ConfigError([{ source: 'config', path, message }])
}
