import type { Path } from './path.js'
import type { BrokenRule } from './rules.js'
import type { ClientSettings, ServiceSettings, Settings } from './settings.js'

/** What breakers and versions say that cannot be meant together. */
export function balancingRules({ client, services }: Settings): readonly BrokenRule[] {
  const common = breakerRule(client, ['client'], [['client', 'breaker']])
  const ofServices = [...services].flatMap(([name, service]) => {
    const path = ['services', name]
    const own = common.length > 0 ? [] : breakerRule(service, path, [['client', 'breaker'], path])
    return [...own, ...splitRule(service, path)]
  })
  return [...common, ...ofServices]
}

/** A breaker would open for longer than the longest that it may open for. */
function breakerRule({ breaker }: ClientSettings, path: Path, reads: readonly Path[]): BrokenRule[] {
  if (breaker === false || breaker.openTime <= breaker.maxOpenTime) return []
  const message = `found ${breaker.maxOpenTime} ms, allowed: ${breaker.openTime} ms or more, which is openTime`
  return [{ path: [...path, 'breaker', 'maxOpenTime'], reads, message }]
}

function splitRule({ split, version }: ServiceSettings, path: Path): BrokenRule[] {
  if (split === undefined) return []
  const place = [...path, 'split']
  if (version !== undefined) {
    const message = 'stands together with version, allowed: one of the two'
    return [{ path: place, reads: [place, [...path, 'version']], message }]
  }
  if ([...split.values()].some((share) => share > 0)) return []
  return [{ path: place, reads: [place], message: 'gives no version a share, allowed: at least one above 0' }]
}
