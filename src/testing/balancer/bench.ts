import assert from 'node:assert/strict'
import type { BalancedCall, Balancer, Candidate } from '../../client/balancer.js'

export interface BalancerConformanceOptions {
  /** Nodes that are alike get alike many calls. Default: true. */
  readonly spreads?: boolean
  /** Nodes get calls as their weights say. Default: as `spreads`. */
  readonly weighs?: boolean
}

/** What a balancer promises, by name, with what shows it. */
export type Checks = Readonly<Record<string, (bench: Bench) => void>>

/** One test's balancer, with nodes and calls for it. */
export class Bench {
  readonly balancer: Balancer

  constructor(balancer: Balancer) {
    this.balancer = balancer
  }

  /** Picks for one call after the other, each of another caller. Counts in the order of the candidates. */
  counts(candidates: readonly Candidate[], times: number, call: Partial<BalancedCall> = {}): number[] {
    const counts = candidates.map(() => 0)
    for (let i = 0; i < times; i++) {
      const index = candidates.indexOf(this.pick(candidates, callOf(`caller-${i}`, call)))
      counts[index] = (counts[index] ?? 0) + 1
    }
    return counts
  }

  /** One of the candidates, or the test fails. */
  pick(candidates: readonly Candidate[], call: BalancedCall): Candidate {
    const picked = this.balancer.pick(candidates, call)
    assert.ok(candidates.includes(picked), `picked ${JSON.stringify(picked)}, which is none of the candidates`)
    return picked
  }
}

/** Frozen, as no balancer may change them. `weights`: one node each. */
export function nodes(names: string, weights: readonly number[]): readonly Candidate[] {
  const list = weights.map((weight, i) => {
    const id = `${names}-${i}`
    const metadata = Object.freeze({ weight: String(weight) })
    return Object.freeze({ id, address: '127.0.0.1', port: 1000 + i, metadata, version: '1', inFlight: 0, weight })
  })
  return Object.freeze(list)
}

export function alike(count: number, names = 'node'): readonly Candidate[] {
  return nodes(
    names,
    Array.from({ length: count }, () => 1),
  )
}

/** `key`: what `client.hash` names of it. */
export function callOf(key: string | undefined, fields: Partial<BalancedCall> = {}): BalancedCall {
  return {
    service: 'conformance',
    remoteAddress: undefined,
    weighted: false,
    lasting: true,
    hashKey: () => key,
    header: () => undefined,
    cookie: () => undefined,
    query: () => undefined,
    ...fields,
  }
}
