import type { Balancer } from '../client/balancer.js'
import { type BalancerConformanceOptions, Bench } from './balancer/bench.js'
import { choosing } from './balancer/choosing.js'
import { keyed } from './balancer/keyed.js'
import { spreading, weighing } from './balancer/spreading.js'
import type { TestRunner } from './registry-conformance.js'

export type { BalancerConformanceOptions } from './balancer/bench.js'

/** What every `Balancer` must do, and what it promises besides. `make` gives one of its own to each test. */
export function balancerConformance(
  name: string,
  make: () => Balancer,
  { test }: TestRunner,
  { spreads = true, weighs = spreads }: BalancerConformanceOptions = {},
): void {
  const promises = {
    ...choosing,
    ...(make().keyed === true ? keyed : {}),
    ...(spreads ? spreading : {}),
    ...(weighs ? weighing : {}),
  }
  for (const [promise, check] of Object.entries(promises)) {
    test(`${name} balancer: ${promise}`, async () => check(new Bench(make())))
  }
}
