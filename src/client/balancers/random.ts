import type { Balancer } from '../balancer.js'
import { draw } from './draw.js'

/** Any node, each as likely as its weight says: the original's choice. */
export function random(): Balancer {
  return { name: 'random', pick: (candidates, { weighted }) => draw(candidates, weighted) }
}
