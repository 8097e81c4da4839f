import { isDeepStrictEqual } from 'node:util'
import type { Settings } from '../config/settings.js'
import { serviceSettings } from '../handlers/service-settings.js'
import type { Sidecar } from '../sidecar.js'
import type { ReloadableLog } from '../telemetry/reloadable-log.js'
import type { Traffic } from '../traffic.js'
import { within } from '../within.js'
import type { Generations } from './generations.js'
import { IncomingSidecar } from './incoming-sidecar.js'
import { tellOfRestart, withoutRestart } from './restart-keys.js'
import type { MakeParts, SidecarParts } from './sidecar-parts.js'

export interface ReloadingOptions {
  readonly sidecar: Sidecar
  readonly log: ReloadableLog
  readonly generations: Generations
  readonly make: MakeParts
  buildTraffic(parts: SidecarParts): Promise<Traffic>
  /** Throws where nothing may come into force any more. */
  check(): void
  /** Has new calls go there. */
  use(traffic: Traffic): void
  /** Has the application registered as these say. Resolves once the old way is over. */
  follow(parts: SidecarParts): Promise<void>
}

/** Milliseconds that a registry has for what is called. */
const registryPatience = 5000
/** Look-ups at once. */
const mostAtOnce = 32

/** Builds what the settings say beside what is in force, starts what is new of it, and swaps. A rejection has changed nothing. */
export async function reload(next: Settings, options: ReloadingOptions): Promise<void> {
  const { generations, make, sidecar } = options
  const before = generations.parts
  options.check()
  const parts = await make(withoutRestart(next, before.settings), before)
  const incoming = new IncomingSidecar(sidecar, parts)
  let isWanted = true
  try {
    await within(
      before.settings.drain.hard,
      start(parts, before, incoming, () => isWanted),
    )
    const traffic = await options.buildTraffic(parts)
    options.check()
    options.use(traffic)
    generations.enter(parts, traffic, options.follow(parts))
  } catch (error) {
    isWanted = false
    await generations.end(parts, before.settings.drain.hard)
    throw error
  }
  incoming.arrive()
  options.log.follow(parts.settings)
  tellOfRestart(next, before.settings, options.log)
  parts.client.follow(before.client, (service) => !hasSameBreaker(service, before.settings, parts.settings))
}

async function start(
  parts: SidecarParts,
  before: SidecarParts,
  incoming: Sidecar,
  isWanted: () => boolean,
): Promise<void> {
  const { discovery } = parts.client
  parts.client.start()
  if (discovery !== before.client.discovery) {
    // A registry that does not answer is no place to send calls to that go well.
    const names = [...before.client.discovery.entries].map(({ name }) => name)
    for (let at = 0; at < names.length; at += mostAtOnce) {
      const some = names.slice(at, at + mostAtOnce)
      await within(registryPatience, Promise.all(some.map((name) => discovery.find(name))))
    }
  }
  if (parts.broker !== before.broker) await parts.broker.start()
  await parts.host.start(incoming, isWanted)
}

function hasSameBreaker(service: string, before: Settings, now: Settings): boolean {
  return isDeepStrictEqual(serviceSettings(before, service).breaker, serviceSettings(now, service).breaker)
}
