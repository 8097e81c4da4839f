import { loadConfig } from '../config/load.js'
import { ConfigError, type ConfigFault } from '../errors.js'

/** A sidecar that runs, as a command reaches it. */
export interface Remote {
  /** `http://127.0.0.1:8081`, without a path. */
  readonly url: URL
  /** As it was given. */
  readonly name: string
  /** Of a listener on a unix socket. */
  readonly socketPath: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** `--proxy_address`, else where a sidecar of this configuration listens; with its token. */
export async function remoteOf(
  flags: ReadonlyMap<string, string | boolean>,
  faults: readonly ConfigFault[],
): Promise<Remote> {
  const { env } = process
  const { settings } = await loadConfig({ cwd: process.cwd(), env, flags, faults })
  const asked = flags.get('proxy_address') ?? env.MICRO_PROXY_ADDRESS
  const address = typeof asked === 'string' && asked !== '' ? asked : settings.address
  const { token } = settings.auth
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  return { ...placeOf(address), name: address, headers }
}

/** What an answer that refuses says. */
export function detailOf(answer: string): string {
  try {
    const { detail }: { detail?: unknown } = Object(JSON.parse(answer))
    return String(detail ?? answer)
  } catch {
    return answer.slice(0, 200)
  }
}

function placeOf(address: string): Pick<Remote, 'url' | 'socketPath'> {
  if (address.startsWith('unix:')) return { url: new URL('http://localhost'), socketPath: address.slice(5) }
  const text = /^https?:\/\//i.test(address) ? address : `http://${address.replace(/^:/, '127.0.0.1:')}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && url.hostname !== '' && url.port !== '0') return { url, socketPath: undefined }
  const message = `found ${JSON.stringify(address)}, allowed: HOST:PORT, http://HOST:PORT or unix:/PATH of a sidecar that runs`
  throw new ConfigError([{ source: 'flag --proxy_address', path: '', message }])
}
