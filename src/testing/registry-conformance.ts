import type { Registry } from '../registry/registry.js'
import { Bench, type RegistryConformanceOptions } from './registry/bench.js'
import { content } from './registry/content.js'
import { isolation } from './registry/isolation.js'
import { lifetime } from './registry/lifetime.js'
import { watching } from './registry/watching.js'

export type { RegistryConformanceOptions } from './registry/bench.js'

/** What a test runner gives: vitest's, `node:test`'s and Jest's `test` fit. */
export interface TestRunner {
  test(name: string, run: () => Promise<void>): unknown
}

/** What every `Registry` must do. `make` gives a registry of its own to each test, which closes it. */
export function registryConformance(
  name: string,
  make: () => Registry | Promise<Registry>,
  { test }: TestRunner,
  options: RegistryConformanceOptions = {},
): void {
  for (const [promise, check] of Object.entries(promises)) {
    test(`${name} registry: ${promise}`, async () => {
      const bench = new Bench(await make(), options)
      try {
        await check(bench)
      } finally {
        await bench.registry.close()
      }
    })
  }
}

const promises = { ...content, ...isolation, ...lifetime, ...watching }
