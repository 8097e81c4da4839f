import type { AppServiceSettings, SlotChoice } from '../config/settings.js'
import type { Registry } from '../registry/registry.js'
import type { Log } from '../telemetry/log.js'
import { ownAddress } from './advertised-address.js'
import { HealthCheck, type ProbeResult } from './health-check.js'
import { httpProbe, portProbe } from './probes.js'
import { Registration } from './registration.js'
import { serviceOf } from './service.js'

export interface PresenceOptions {
  readonly service: AppServiceSettings
  readonly registry: Registry
  /** What the configuration says of that registry. */
  readonly choice: SlotChoice<Registry>
  readonly log: Log
  /** The application is the sidecar's child. */
  readonly isChild: boolean
}

/** Milliseconds between reminders of what is waited for. */
const reminder = 10_000
/** Of an application without a health check: until its port takes a connection. */
const portCheck = { interval: 250, timeout: 1000, unhealthy: 1, healthy: 1 }

/** The application in a registry, for as long as it is well. */
export class Presence {
  readonly options: PresenceOptions
  readonly #registration: Registration
  readonly #check: HealthCheck | undefined
  #reminder: ReturnType<typeof setInterval> | undefined

  /** `before`: what it takes the place of, so that nothing has to be found out anew. */
  constructor(options: PresenceOptions, before?: Presence) {
    this.options = options
    const { service, registry, log } = options
    const { ttl, interval } = service
    this.#registration = new Registration({ registry, log, ttl, interval, describe: serviceOf(service, options) })
    this.#check = this.#checkOf(service, before?.isWell === true ? true : undefined)
  }

  get isWell(): boolean {
    return this.#check === undefined || this.#check.healthy === true
  }

  get registered(): boolean {
    return this.#registration.registered
  }

  get checkedAt(): Date | undefined {
    return this.#check?.checkedAt
  }

  /** What the last look at it gave. */
  get last(): ProbeResult | undefined {
    return this.#check?.last
  }

  /** Resolves when what is well is registered, or could not be at once; the rest follows when it can. */
  async start(): Promise<void> {
    const joined = this.isWell ? this.#registration.join() : undefined
    if (!this.isWell) this.#await()
    // A port says that the application has started; it says nothing about how it fares.
    if (!this.isWell || this.options.service.healthcheck !== undefined) this.#check?.start()
    await joined
  }

  /** Takes the place of another, which is out of the registry behind it unless it is the same node. */
  async takeOver(before: Presence): Promise<void> {
    before.#stopLooking()
    await this.start()
    const isSame =
      before.options.registry === this.options.registry && before.#registration.isNodeOf(this.#registration)
    if (isSame) before.#registration.forget()
    else await before.close(leaveLimit)
  }

  /** Out of the registry for good. */
  async close(limit: number): Promise<void> {
    this.#stopLooking()
    await this.#registration.close(limit)
  }

  #stopLooking(): void {
    this.#check?.stop()
    clearInterval(this.#reminder)
  }

  #await(): void {
    const { log, service } = this.options
    const what = waitedFor(service)
    log.info('waiting for the application before it is registered', { what })
    this.#reminder = setInterval(() => {
      log.warn('still waiting for the application', { what, reason: this.#check?.last?.reason })
    }, reminder)
  }

  #checkOf({ healthcheck, address }: AppServiceSettings, isWell: true | undefined): HealthCheck | undefined {
    const onChange = (healthy: boolean, result: ProbeResult) => this.#onChange(healthy, result)
    if (healthcheck !== undefined)
      return new HealthCheck({ ...healthcheck, isWell, probe: httpProbe(healthcheck.url), onChange })
    if (!this.options.isChild) return undefined
    const { host, port } = ownAddress(address)
    return new HealthCheck({ ...portCheck, isWell, probe: portProbe(host, port), onChange })
  }

  #onChange(healthy: boolean, { status, reason }: ProbeResult): void {
    const { log, service, isChild } = this.options
    const isWaiting = this.#reminder !== undefined
    if (healthy) {
      clearInterval(this.#reminder)
      this.#reminder = undefined
      log.info('the application is well', { status })
      void this.#registration.join()
      if (service.healthcheck === undefined) this.#check?.stop()
    } else {
      if (!isWaiting) log.warn('the application fails its health check: it leaves the registry', { status, reason })
      else if (!isChild) log.warn('the application fails its first health check', { status, reason })
      void this.#registration.leave()
    }
  }
}

/** Milliseconds that a registry has to let go what has another place now. */
const leaveLimit = 3000

/** The URL without what may be secret in it. */
function waitedFor({ healthcheck, address }: AppServiceSettings): string {
  if (healthcheck === undefined) return `a connection to ${address}`
  const { origin, pathname } = new URL(healthcheck.url)
  return `health at ${origin}${pathname}`
}
