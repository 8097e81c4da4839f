import type { RemoteInfo, Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { wordsOf } from '../../errors.js'
import { Allowance } from './allowance.js'
import { group, Link, type LinkAddress, openSocket } from './link.js'

/** Milliseconds between looks at the machine's interfaces: cables, radios and tunnels come and go. */
const lookTime = 1000
const mostLinks = 32
/** Datagrams that are read; what comes above it is noise or worse. */
const readPerSecond = 5000

/**
 * Where to listen. On Linux that is the group, so that what is sent to other programs on the port of all gets there;
 * elsewhere such a socket could not speak.
 */
const everywhere = process.platform === 'linux' ? group : '0.0.0.0'

export interface NetworkOptions {
  readonly port: number
  /** A name or an address; else all. */
  readonly interface: string | undefined
  onMessage(bytes: Buffer, from: RemoteInfo): void
  /** An interface came, the first of all included. */
  onLink(): void
  /** Something is wrong; once for each thing. */
  onTrouble(trouble: string): void
}

/** The machine's interfaces, as far as mDNS can be spoken on them. */
export class Network {
  readonly #options: NetworkOptions
  readonly #links = new Map<string, Link>()
  readonly #allowance = new Allowance(readPerSecond)
  #listener: Socket | undefined
  #speaking: Promise<void> = Promise.resolve()
  #opened: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #trouble = ''
  #downSince: number | undefined
  #closed = false

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /** Since when there is nobody to speak to; `undefined` while there is. */
  get downSince(): number | undefined {
    return this.#downSince
  }

  /** Ends when the interfaces there are now can be spoken on. Never rejects. */
  open(): Promise<void> {
    this.#opened ??= this.#look()
    return this.#opened
  }

  ask(bytes: Buffer): void {
    for (const link of this.#links.values()) link.ask(bytes)
  }

  /** To all, from the port of all; ends when it is said. */
  speak(bytes: Buffer): Promise<void> {
    this.#speaking = this.#speaking.then(() => this.#speakNow(bytes)).catch(ignore)
    return this.#speaking
  }

  /** To one alone. */
  answer(bytes: Buffer, to: RemoteInfo): void {
    this.#listener?.send(bytes, to.port, to.address, ignore)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#listener?.close()
    this.#listener = undefined
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  /**
   * One interface after the other, since that is a property of the socket. Where the port of all cannot be had, each
   * link's own has to do.
   */
  async #speakNow(bytes: Buffer): Promise<void> {
    for (const link of this.#links.values()) {
      const listener = this.#listener
      if (listener === undefined) link.ask(bytes)
      else if (leaveBy(listener, link)) {
        await new Promise<void>((resolve) => listener.send(bytes, this.#options.port, group, () => resolve()))
      }
    }
  }

  async #look(): Promise<void> {
    const addresses = usable(this.#options.interface)
    this.#leave(addresses)
    await this.#listen()
    const fresh = addresses.filter(({ cidr }) => !this.#links.has(cidr)).slice(0, mostLinks)
    const opened = await Promise.all(fresh.map((address) => this.#openLink(address)))
    if (this.#closed) return this.close()
    for (const link of this.#links.values()) this.#join(link)
    this.#downSince = this.#links.size > 0 ? undefined : (this.#downSince ?? performance.now())
    if (addresses.length === 0) this.#tell(`there is no ${this.#options.interface ?? 'network'} to be found on`)
    if (opened.includes(true)) this.#options.onLink()
    this.#timer = setTimeout(() => void this.#look(), lookTime).unref()
  }

  /** Addresses that the machine has no more. */
  #leave(addresses: readonly LinkAddress[]): void {
    for (const [cidr, link] of this.#links) {
      if (addresses.some((address) => address.cidr === cidr)) continue
      link.close()
      this.#links.delete(cidr)
    }
  }

  async #listen(): Promise<void> {
    try {
      this.#listener ??= await openSocket({ address: everywhere, port: this.#options.port, onMessage: this.#read })
    } catch (error) {
      this.#tell(`port ${this.#options.port} is taken by a program that does not share it (${wordsOf(error)})`)
    }
  }

  async #openLink(address: LinkAddress): Promise<boolean> {
    try {
      this.#links.set(address.cidr, await Link.open(address, this.#options.port, this.#read))
      return true
    } catch (error) {
      this.#tell(`interface ${address.name} cannot be used (${wordsOf(error)})`)
      return false
    }
  }

  /** Each time anew: an interface that went and came back has forgotten it. */
  #join({ address: { name, address } }: Link): void {
    try {
      this.#listener?.addMembership(group, address)
    } catch (error) {
      const isMember = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!isMember) this.#tell(`interface ${name} cannot be listened on (${wordsOf(error)})`)
    }
  }

  readonly #read = (bytes: Buffer, from: RemoteInfo): void => {
    const isOwn = [...this.#links.values()].some((link) => link.isSource(from))
    // Nobody can be answered at port 0.
    if (!this.#closed && !isOwn && from.port !== 0 && this.#allowance.take()) this.#options.onMessage(bytes, from)
  }

  #tell(trouble: string): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#options.onTrouble(trouble)
  }
}

/** False for an interface that has just gone. */
function leaveBy(socket: Socket, { address: { address } }: Link): boolean {
  try {
    socket.setMulticastInterface(address)
    return true
  } catch {
    return false
  }
}

/** The interfaces to speak on: those that lead out, and the loopback where there is no other or it is named. */
function usable(wanted: string | undefined): readonly LinkAddress[] {
  const all = interfaces()
  if (wanted !== undefined) return all.filter(({ name, address }) => wanted === name || wanted === address)
  const outer = all.filter(({ internal }) => !internal)
  const chosen = outer.length > 0 ? outer : all
  return chosen.filter(({ name }, i) => chosen.findIndex((each) => each.name === name) === i)
}

function interfaces() {
  try {
    return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.flatMap(({ family, address, cidr, internal }) =>
        family === 'IPv4' && cidr !== null ? [{ name, address, cidr, internal }] : [],
      ),
    )
  } catch {
    return []
  }
}

function ignore(): void {}
