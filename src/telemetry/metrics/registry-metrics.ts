import type { Registry } from '../../registry/registry.js'
import type { MetricSource } from './family.js'

const states = ['ok', 'stale', 'down'] as const

/** How far what the registry says can be trusted. One that holds all itself is never behind. */
export function registryMetrics(registry: Pick<Registry, 'name' | 'status'>): MetricSource {
  return () => {
    const { state, age } = registry.status?.() ?? { state: 'ok', age: 0 }
    const labels = { registry: registry.name }
    return [
      {
        name: 'micro_registry_age_seconds',
        help: 'Time since what the registry says was last known to be true.',
        type: 'gauge',
        samples: [{ labels, value: age / 1000 }],
      },
      {
        name: 'micro_registry_state',
        help: '1 for the state that the registry is in: ok, stale (the last known good) or down (nothing is known).',
        type: 'gauge',
        samples: states.map((one) => ({ labels: { ...labels, state: one }, value: one === state ? 1 : 0 })),
      },
    ]
  }
}
