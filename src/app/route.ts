import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** What this host reaches over one of its interfaces. */
export interface Destination {
  readonly host: string
  readonly port: number
  /** The name or the address of the interface that is to be taken. */
  readonly interface?: string | undefined
}

/** Milliseconds for the name of a destination. */
const limit = 2000

/**
 * The address of the interface that leads to a destination; `undefined` where no way leads there. A UDP socket that
 * is connected has chosen its way without having sent anything.
 */
export async function addressTowards(destination: Destination): Promise<string | undefined> {
  const { host, port, interface: wanted } = destination
  if (wanted !== undefined) return addressThrough(wanted)
  const ip = await addressOf(host)
  if (ip === undefined) return undefined
  const socket = createSocket(isIP(ip) === 6 ? 'udp6' : 'udp4')
  const address = await connected(socket, port, ip)
  socket.close()
  return address === undefined || address.includes('%') ? undefined : address
}

/** The first address that other hosts may reach, IPv4 before IPv6. */
export function hostAddress(interfaces = networkInterfaces()): string | undefined {
  const reachable = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^(?:fe[89ab]|169\.254\.)/i.test(address))
  return (reachable.find(({ family }) => family === 'IPv4') ?? reachable[0])?.address
}

function addressThrough(wanted: string, interfaces = networkInterfaces()): string | undefined {
  const addresses = Object.entries(interfaces).flatMap(([name, all = []]) =>
    all.filter(({ address }) => name === wanted || address === wanted),
  )
  return (addresses.find(({ family }) => family === 'IPv4') ?? addresses[0])?.address
}

async function addressOf(host: string): Promise<string | undefined> {
  if (isIP(host) !== 0) return host
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit)
  })
  const found = lookup(host).then(
    ({ address }) => address,
    () => undefined,
  )
  const address = await Promise.race([found, late])
  clearTimeout(timer)
  return address
}

function connected(socket: Socket, port: number, ip: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    socket.on('error', () => resolve(undefined))
    socket.connect(port, ip, () => resolve(socket.address().address))
  })
}
