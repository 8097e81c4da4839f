import type { Codec } from '../codec/codec.js'
import { Bench, type CodecFixtures } from './codec/bench.js'
import { carrying } from './codec/carrying.js'
import { failing } from './codec/failing.js'
import type { TestRunner } from './registry-conformance.js'

export type { CodecFixtures, CodecService, ReceivedCall } from './codec/bench.js'

/** What every `Codec` must do, held against a service's side that `fixtures` bring. */
export function codecConformance(name: string, codec: Codec, fixtures: CodecFixtures, { test }: TestRunner): void {
  for (const [promise, check] of Object.entries({ ...carrying, ...failing })) {
    test(`${name} codec: ${promise}`, async () => check(new Bench(codec, fixtures)))
  }
}
