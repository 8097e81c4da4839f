import type { Node } from '../registry/registry.js'

/** A node as a balancer sees it. */
export interface Candidate extends Node {
  /** Calls of this sidecar that the node has not answered yet. */
  readonly inFlight: number
  /** The version of the service that the node runs. */
  readonly version: string
}

export interface BalancedCall {
  readonly service: string
  /** The caller's IP address; `undefined` for calls made through the SDK. */
  readonly remoteAddress: string | undefined
}

/** Chooses where a call goes. */
export interface Balancer {
  readonly name: string
  /** One of `candidates`, which holds at least one. */
  pick(candidates: readonly Candidate[], call: BalancedCall): Candidate
}
