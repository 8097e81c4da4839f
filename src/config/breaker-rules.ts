import type { Path } from './path.js'
import type { BrokenRule } from './rules.js'
import type { ClientSettings, Settings } from './settings.js'

/** A breaker that opens for longer than the longest it may open for. */
export function breakerRules({ client, services }: Settings): readonly BrokenRule[] {
  const rules = breakerRule(client, ['client'], [['client', 'breaker']])
  if (rules.length > 0) return rules
  return [...services].flatMap(([name, service]) => {
    const path = ['services', name]
    return breakerRule(service, path, [['client', 'breaker'], path])
  })
}

function breakerRule({ breaker }: ClientSettings, path: Path, reads: readonly Path[]): BrokenRule[] {
  if (breaker === false || breaker.openTime <= breaker.maxOpenTime) return []
  const message = `found ${breaker.maxOpenTime} ms, allowed: ${breaker.openTime} ms or more, which is openTime`
  return [{ path: [...path, 'breaker', 'maxOpenTime'], reads, message }]
}
