import type { RemoteInfo } from 'node:dgram'
import { Allowance } from './allowance.js'
import { answersTo, nodeRecords } from './answers.js'
import { CLASS_IN, type DnsMessage, TYPE } from './dns-message.js'
import { type Instance, instancesOf, listedNames } from './instances.js'
import { Network, type NetworkOptions } from './network.js'
import type { OwnNode } from './own-node.js'
import type { OwnNodes } from './own-nodes.js'
import { readMessage } from './read-message.js'
import { writeQuery, writeResponse } from './write-message.js'
import { listing, serviceName } from './zone.js'

/** Messages that are sent because of what others sent. */
const answersPerSecond = 1000
/** That one message may tell of; go-micro tells of one. */
const mostInstances = 64

export interface ConversationOptions extends Omit<NetworkOptions, 'onMessage'> {
  readonly domains: readonly string[]
  readonly own: OwnNodes
  /** An instance of somebody else's, or one that goes. */
  onInstance(instance: Instance): void
  /** The name of a service of somebody's. */
  onName(service: string): void
}

/** What is said and heard on the network: questions, answers, announcements and withdrawals. */
export class Conversation {
  readonly network: Network
  readonly #options: ConversationOptions
  readonly #listings: readonly string[]
  readonly #allowance = new Allowance(answersPerSecond)

  constructor(options: ConversationOptions) {
    this.#options = options
    this.#listings = options.domains.map((domain) => serviceName(listing, domain))
    this.network = new Network({ ...options, onMessage: (bytes, from) => this.#take(bytes, from) })
  }

  /** For a service's nodes, or for the names of all services. */
  ask(service: string): void {
    const names = this.#options.domains.map((domain) => serviceName(service, domain))
    this.network.ask(writeQuery(names.map((name) => ({ name, type: TYPE.PTR, class: CLASS_IN }))))
  }

  announce(nodes: Iterable<OwnNode>): void {
    for (const own of nodes) void this.#speakOf(own, own.secondsLeft)
  }

  /** Ends when it is said. */
  async withdraw(nodes: readonly OwnNode[]): Promise<void> {
    await Promise.all(nodes.map((own) => this.#speakOf(own, 0)))
  }

  async #speakOf(own: OwnNode, ttl: number): Promise<void> {
    const messages = this.#options.domains.map((domain) => writeResponse(0, [], nodeRecords(own, domain, ttl)))
    await Promise.all(messages.map((message) => this.network.speak(message)))
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    const message = readMessage(bytes)
    if (message?.isResponse) this.#hear(message)
    else if (message !== undefined) this.#answer(message, from)
  }

  #hear({ records }: DnsMessage): void {
    for (const name of listedNames(records, this.#listings)) this.#options.onName(name)
    for (const instance of instancesOf(records).slice(0, mostInstances)) {
      const own = this.#ownNamed(instance.name)
      if (own === undefined) this.#options.onInstance(instance)
      // Somebody else takes one of ours away: it is still here.
      else if (instance.ttl === 0 && this.#allowance.take()) this.announce([own])
    }
  }

  #ownNamed(name: string): OwnNode | undefined {
    const domain = this.#options.domains.find((each) => name.endsWith(`.${each}`))
    return domain === undefined ? undefined : this.#options.own.named(name.slice(0, -domain.length - 1))
  }

  /** Whoever asks from a port of its own knows nothing of the group: the answer goes to that port, with its number. */
  #answer({ id, questions }: DnsMessage, from: RemoteInfo): void {
    const isAlone = from.port !== this.#options.port
    for (const records of questions.flatMap((each) => answersTo(each, this.#options.own, this.#options.domains))) {
      if (!this.#allowance.take()) return
      const message = writeResponse(isAlone ? id : 0, questions, records)
      if (isAlone) this.network.answer(message, from)
      else void this.network.speak(message)
    }
  }
}
