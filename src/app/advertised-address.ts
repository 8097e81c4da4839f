import { isLoopback, listenOptions } from '../http/address.js'
import { addressTowards, type Destination, hostAddress } from './route.js'

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

export interface Ways {
  /** Of the interface that leads to the destination. */
  towards(destination: Destination): Promise<string | undefined>
  /** Of an interface that leads to other hosts. */
  ofHost(): string | undefined
}

const ways: Ways = { towards: addressTowards, ofHost: hostAddress }

/**
 * Where others reach the application. `advertise` is believed as it is. Else its own address, unless that means
 * something else on every host, and the registry (`shared`: where it is) has readers on other hosts.
 */
export async function advertisedAddress(
  app: { readonly address: string; readonly advertise: string | undefined },
  shared: Destination | undefined,
  { towards, ofHost }: Ways = ways,
): Promise<HostAndPort> {
  const own = parts(app.address)
  const advertised = app.advertise === undefined ? undefined : parts(app.advertise)
  const port = advertised?.port ?? own.port ?? 0
  const host = advertised?.host || own.host
  const isOpen = isUnspecified(host)
  if (!isOpen && !isLoopback(host)) return { host, port }
  if (advertised?.host && !isOpen) return { host, port }
  if (shared === undefined) return { host: localHost(host), port }
  const address = (await towards(shared)) ?? ofHost()
  if (address !== undefined && !isLoopback(address)) return { host: address, port }
  // An agent of the registry on this host: what listens on every interface is reached by any of them.
  return { host: (isOpen ? ofHost() : undefined) ?? localHost(host), port }
}

/** Where this host itself reaches what listens there. */
export function ownAddress(address: string): HostAndPort {
  const { host, port = 0 } = parts(address)
  return { host: localHost(host), port }
}

function parts(address: string): { readonly host: string; readonly port: number | undefined } {
  const { host = '', port } = listenOptions(address) ?? { host: address.replace(/^\[(.*)\]$/, '$1') }
  return { host, port }
}

function localHost(host: string): string {
  return host === '::' ? '::1' : isUnspecified(host) ? '127.0.0.1' : host
}

function isUnspecified(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::'
}
