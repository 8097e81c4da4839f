import type { Balancer, Candidate } from './balancer.js'

/** Any node, each as likely: the original's choice. */
export function random(): Balancer {
  return {
    name: 'random',
    pick: (candidates) => candidates[Math.floor(Math.random() * candidates.length)] as Candidate,
  }
}
