import type { Node } from '../registry/registry.js'

/** A node as a balancer sees it: the same object until it leaves its service. */
export interface Candidate extends Node {
  /** Calls of this sidecar that the node has not answered to their end yet. */
  readonly inFlight: number
  /** The version of the service that the node runs. */
  readonly version: string
  /** Its part of the calls, as its metadata `weight` says: above 0. */
  readonly weight: number
}

/** Beside what a call is for, all of it is worked out only when it is asked for. */
export interface BalancedCall {
  readonly service: string
  /** The caller's IP address; `undefined` for calls made through the SDK. */
  readonly remoteAddress: string | undefined
  /** Some candidate may have another weight than 1: else nobody needs to look. */
  readonly weighted: boolean
  /** `candidates` is a list that comes again until the nodes change: what is worked out for it is worth keeping. */
  readonly lasting: boolean
  /** What `client.hash` names of the call, else the caller's address. */
  hashKey(): string | undefined
  /** The first of that name. */
  header(name: string): string | undefined
  cookie(name: string): string | undefined
  query(name: string): string | undefined
}

/** How an attempt at a node went. One that its caller gave up is not told. */
export interface Observation {
  /** Milliseconds until the head of the answer, or until there was none. */
  readonly latency: number
  /** No answer, 429, or a status of 500 or more. */
  readonly failed: boolean
  /** Milliseconds that the node asks to be left alone. */
  readonly retryAfter: number | undefined
}

/** Chooses where a call goes. */
export interface Balancer {
  readonly name: string
  /** Sends calls that are alike to the same node: none is sent elsewhere to try out a node that has failed. */
  readonly keyed?: boolean
  /** One of `candidates`, which holds at least one. */
  pick(candidates: readonly Candidate[], call: BalancedCall): Candidate
  /** Hears of every attempt, whoever chose its node. What it throws is dropped. */
  observe?(node: Candidate, observation: Observation): void
}
