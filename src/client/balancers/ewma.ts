import type { Balancer, Candidate, Observation } from '../balancer.js'
import { drawTwo } from './draw.js'
import { NodeNotes } from './node-notes.js'

/** Milliseconds. */
const decay = 10_000
/** What a node is taken for while nothing is known of it. */
const initial = 30
/** A fast failure must not attract calls. */
const failure = 5000
const longestRetryAfter = 300_000

/** Of two different random nodes the one that promises the sooner answer: its latency times the calls ahead. */
export function ewma(): Balancer {
  const latencies = new NodeNotes<Latency>(() => new Latency())
  const cheaper = (first: Candidate, second: Candidate) => {
    const now = performance.now()
    return load(second, now) < load(first, now) ? second : first
  }
  const load = (node: Candidate, now: number) => latencies.of(node).cost(now, node.inFlight) / node.weight
  return {
    name: 'ewma',
    pick: (candidates, { weighted }) => drawTwo(candidates, weighted, cheaper),
    observe: (node, observation) => latencies.of(node).observe(latencyOf(observation), performance.now()),
  }
}

function latencyOf({ latency, failed, retryAfter }: Observation): number {
  return failed ? Math.max(latency, Math.min(retryAfter ?? failure, longestRetryAfter)) : latency
}

/** Peak EWMA: rises at once, and falls with time. */
class Latency {
  #known = false
  #average = initial
  #at = 0

  /** A node of which nothing is known is tried by one call at once, and has no more of them than one that takes `initial`. */
  cost(now: number, pending: number): number {
    if (!this.#known) return pending === 0 ? 0 : initial * (pending + 1)
    this.#add(0, now)
    return this.#average * (pending + 1)
  }

  observe(latency: number, now: number): void {
    if (this.#known) this.#add(latency, now)
    else {
      this.#known = true
      this.#average = latency
      this.#at = now
    }
  }

  #add(latency: number, now: number): void {
    if (latency > this.#average) this.#average = latency
    else {
      const kept = Math.exp(-(now - this.#at) / decay)
      this.#average = this.#average * kept + latency * (1 - kept)
    }
    this.#at = now
  }
}
