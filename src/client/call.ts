import type { ServiceSettings, ValueName } from '../config/settings.js'
import type { MicroError } from '../errors.js'
import type { Node } from '../registry/registry.js'
import type { WireRequest } from '../transport/transport.js'
import type { ServiceNode } from './service-node.js'

/** A call as a handler hands it to the client. */
export interface ClientCall {
  /** Full name. */
  readonly service: string
  /** For errors: `GET /greeter/x` or `Say.Hello`. */
  readonly label: string
  readonly settings: ServiceSettings
  readonly handler: 'rpc' | 'proxy'
  /** `performance.now()`: when its time began. */
  readonly startedAt: number
  /** Milliseconds from then until the head of the answer must be here, connecting, retries and waits included. */
  readonly timeout: number
  /** Running it twice does no harm: its method is one of `settings.idempotent`. */
  readonly idempotent: boolean
  readonly remoteAddress: string | undefined
  readonly nodeFilter: ((node: Node) => boolean) | undefined
  /** Skips discovery: the node is called as it is. */
  readonly node: ServiceNode | undefined
  /** The first one of that name, if the call has it; a header's is in lower case. */
  value(kind: ValueName['kind'], name: string): string | undefined
  /** The request for that node; `attempt` counts from 1, `remaining` is milliseconds. May throw a MicroError. */
  wire(node: ServiceNode, attempt: number, remaining: number): WireRequest
}

/** How a call went so far. */
export interface CallProgress {
  readonly attempts: number
  readonly node: ServiceNode | undefined
  /** Some byte of it may have come to a node. */
  readonly reached: boolean
}

/** Takes the answer: as the transport's sink, with every failure worded for the caller. */
export interface CallSink {
  onInformation(status: number, headers: string[]): void
  onHead(status: number, headers: string[], reason: string, progress: CallProgress): void
  onData(chunk: Buffer): boolean
  /** Return false to have the connection closed: some nodes close theirs after an error without a word. */
  onEnd(trailers: string[]): boolean | void
  /** `progress.node` is the last one tried. */
  onError(error: MicroError, progress: CallProgress): void
}

/** A call under way. */
export interface CallHandle {
  resume(): void
  /** The caller left: the node's connection is closed and the sink hears nothing more. */
  abort(): void
}
