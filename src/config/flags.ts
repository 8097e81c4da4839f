import type { Path } from './path.js'

/** How the text of a flag or a variable becomes a value. */
export type FlagKind = 'text' | 'list' | 'seconds' | 'switch' | 'file' | 'selector'

export interface Flag {
  /** Canonical, and as help shows it. Dashes and underscores count as the same. */
  readonly name: string
  readonly kind: FlagKind
  /** What help writes behind the name; empty for a switch. */
  readonly argument: string
  /** The key that it sets; `undefined` for what concerns the command alone. */
  readonly path: Path | undefined
  readonly description: string
  /** The variables that are read in its place. A `MICRO_SIDECAR_…` one stands over the others. */
  readonly env: readonly string[]
  /** Of a flag without a key; whether a key is available is in the schema. */
  readonly isLater: boolean
  /** The value that asks for nothing: taken even where the feature is not available. */
  readonly nothing: string | undefined
}

/** Every flag, the original's and the new ones. Of two for one key, the later in this list counts. */
export const FLAGS: readonly Flag[] = [
  flag('config', 'text', 'PATH', '', 'The configuration file; else it is looked for from here upwards'),
  flag('profile', 'text', 'NAME', '', 'The profile of it; else the one that NODE_ENV names, where there is one'),
  flag('log-level', 'text', 'LEVEL', 'log.level', 'debug, info, warn, error or silent'),
  flag('log-format', 'text', 'FORMAT', 'log.format', 'json or pretty'),
  flag('token-file', 'file', 'PATH', 'auth.token', 'A file with the token that the admin paths want'),
  flag('watch', 'switch', '', '', 'Take over changes of the configuration (on; --no-watch: only at SIGHUP)'),
  flag('queue', 'text', 'QUEUE', '', 'Share the messages with the other members of this queue', { env: [] }),
  flag('version', 'switch', '', '', 'Print the version', { env: [] }),
  flag('help', 'switch', '', '', 'Print this text', { env: [] }),

  flag('registry', 'text', 'NAME', 'registry', 'Where services are found'),
  flag('registry_address', 'text', 'ADDRESS', 'registry.address', 'Where the registry answers'),
  flag('broker', 'text', 'NAME', 'broker', 'Where messages go'),
  flag('broker_address', 'text', 'ADDRESS', 'broker.address', 'Where the broker answers'),
  flag('selector', 'selector', 'NAME', 'client.balancer', 'random or roundrobin; cache leaves it as it is'),
  flag('transport', 'text', 'NAME', '', 'How nodes are spoken to: http', { isLater: true, nothing: 'http' }),
  flag('client_request_timeout', 'text', 'DURATION', 'client.timeout', 'The whole call, such as 5s'),
  flag('client_retries', 'text', 'NUMBER', 'client.retries', 'Further attempts after the first'),
  flag('client_pool_size', 'text', 'NUMBER', 'client.pool.connections', 'Connections to one node'),
  flag('client_pool_ttl', 'text', 'DURATION', 'client.pool.keepAlive', 'How long an idle one is kept'),
  flag('register_ttl', 'seconds', 'SECONDS', 'app.ttl', 'The registration ends unless renewed'),
  flag('register_interval', 'seconds', 'SECONDS', 'app.interval', 'Between renewals'),
  flag('enable_tls', 'switch', '', 'tls', 'TLS for callers'),
  flag('tls_cert_file', 'text', 'PATH', 'tls.cert', 'The certificate'),
  flag('tls_key_file', 'text', 'PATH', 'tls.key', 'Its key'),
  flag('tls_client_ca_file', 'text', 'PATH', 'tls.clientCa', 'Callers need a certificate of these authorities'),
  flag('enable_acme', 'switch', '', 'acme', 'Certificates from an ACME authority'),
  flag('acme_hosts', 'list', 'HOSTS', 'acme.hosts', 'For these host names, with commas'),
  flag('enable_stats', 'switch', '', 'stats', 'The dashboard under /stats'),
  flag('proxy_address', 'text', 'ADDRESS', '', 'Ask the sidecar that runs there; else at the configured address'),

  flag('sidecar_address', 'text', 'ADDRESS', 'address', 'The same as --address'),
  flag('sidecar_handler', 'text', 'NAME', 'handler', 'The same as --handler'),
  flag('sidecar_namespace', 'text', 'NAME', 'namespace', 'The same as --namespace'),
  flag('sidecar_cors', 'list', 'ORIGINS', 'cors', 'The same as --cors'),
  flag('address', 'text', 'ADDRESS', 'address', 'Where to listen, such as :8081', { isOwn: true }),
  flag('handler', 'text', 'NAME', 'handler', 'rpc or proxy', { isOwn: true }),
  flag('namespace', 'text', 'NAME', 'namespace', 'Put before the service names made from paths', { isOwn: true }),
  flag('cors', 'list', 'ORIGINS', 'cors', 'Origins that pages may call from, with commas', { isOwn: true }),
  flag('server_name', 'text', 'NAME', 'app.name', 'The service name of the application beside it', { isOwn: true }),
  flag('server_address', 'text', 'ADDRESS', 'app.address', 'Where that answers', { isOwn: true }),
  flag('healthcheck_url', 'text', 'URL', 'app.healthcheck.url', 'Where its health is asked', { isOwn: true }),
]

/** The flag of that name, in whatever spelling. */
export function flagNamed(name: string): Flag | undefined {
  return FLAGS.find((each) => each.name.replaceAll('-', '_') === name.replaceAll('-', '_'))
}

interface FlagOptions {
  readonly env?: readonly string[]
  /** Of the original's `sidecar` command, whose flags read `MICRO_SIDECAR_…` as well. */
  readonly isOwn?: boolean
  readonly isLater?: boolean
  readonly nothing?: string
}

function flag(
  name: string,
  kind: FlagKind,
  argument: string,
  path: string,
  description: string,
  { isOwn = false, isLater = false, nothing, env = variables(name, isOwn) }: FlagOptions = {},
): Flag {
  const key = path === '' ? undefined : path.split('.')
  return { name, kind, argument, path: key, description, env, isLater, nothing }
}

function variables(name: string, isOwn: boolean): readonly string[] {
  const words = name.replaceAll('-', '_').toUpperCase()
  return isOwn ? [`MICRO_${words}`, `MICRO_SIDECAR_${words}`] : [`MICRO_${words}`]
}
