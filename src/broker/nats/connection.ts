import { checkServerIdentity } from 'node:tls'
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node'
import { pemTexts, type TlsFiles } from '../../config/pem.js'
import { hostPort } from '../../http/address.js'
import type { ServerInfo } from './knock.js'
import type { NatsServer } from './servers.js'

/** What opens a server. */
export interface Access {
  readonly user?: string | undefined
  readonly pass?: string | undefined
  readonly token?: string | undefined
  /** Files, or the PEM texts. Its presence means that there is no connection without TLS. */
  readonly tls?: TlsFiles | undefined
}

/** Milliseconds for all that makes a connection, and between the pings of an idle one, of which two may get lost. */
const timeout = 2000
const pingInterval = 2000

/** Connects to one server, once. */
export type Connector = (server: NatsServer, info: ServerInfo) => Promise<NatsConnection>

/** Reads the files now, so that a missing one is told at once; the library is loaded with the first connection. */
export function connector({ user, pass, token, tls }: Access): Connector {
  const pem = tls === undefined ? undefined : pemTexts(tls, 'broker.tls')
  return async (server, info) => {
    const { connect } = await import('@nats-io/transport-node')
    const isSecure = pem !== undefined || server.secure || info.tlsRequired
    return connect({
      servers: hostPort(server.host, server.port),
      name: 'micro-sidecar',
      ...(user !== undefined && { user }),
      ...(pass !== undefined && { pass }),
      ...(token !== undefined && { token }),
      tls: isSecure ? tlsOptions(pem ?? {}, server.host) : null,
      timeout,
      pingInterval,
      maxPingOut: 2,
      reconnect: false,
      ignoreClusterUpdates: true,
      noAsyncTraces: true,
    })
  }
}

/** The library checks the certificate of a server that is named by its address against `localhost`. */
function tlsOptions(pem: TlsFiles, host: string): ConnectionOptions['tls'] {
  const options = {
    ...pem,
    checkServerIdentity: (_name: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(host, certificate),
  }
  return options
}
