import type { AppServiceSettings, AppSettings, SlotChoice } from '../config/settings.js'
import type { Registry } from '../registry/registry.js'
import type { AppHealth } from '../routes/health.js'
import type { Log } from '../telemetry/log.js'
import { ownAddress } from './advertised-address.js'
import { type AppEnd, AppProcess } from './app-process.js'
import { HealthCheck, type ProbeResult } from './health-check.js'
import { httpProbe, portProbe } from './probes.js'
import { Registration } from './registration.js'
import { serviceOf } from './service.js'

export interface ApplicationOptions {
  readonly settings: AppSettings
  readonly registry: Registry
  /** What the configuration says of that registry. */
  readonly choice: SlotChoice<Registry>
  readonly log: Log
}

/** Milliseconds between reminders of what is waited for. */
const reminder = 10_000
/** Of an application without a health check: until its port takes a connection. */
const portCheck = { interval: 250, timeout: 1000, unhealthy: 1, healthy: 1 }

/** The application beside the sidecar: run as a child where there is a command, looked at, and registered while it is well. */
export class Application {
  /** Stays pending where the application is nobody's child. */
  readonly ended: Promise<AppEnd>
  readonly #options: ApplicationOptions
  readonly #registration: Registration | undefined
  readonly #check: HealthCheck | undefined
  #over: (end: AppEnd) => void = () => undefined
  #process: AppProcess | undefined
  #reminder: ReturnType<typeof setInterval> | undefined

  constructor(options: ApplicationOptions) {
    this.#options = options
    const { settings, registry, log } = options
    const { service } = settings
    this.ended = new Promise((resolve) => {
      this.#over = resolve
    })
    if (service === undefined) return
    const { ttl, interval } = service
    this.#registration = new Registration({ registry, log, ttl, interval, describe: serviceOf(service, options) })
    this.#check = this.#checkOf(service)
  }

  /** `null` where nothing is to be registered. */
  get health(): AppHealth | null {
    const { service } = this.#options.settings
    if (service === undefined) return null
    const { checkedAt, last } = this.#check ?? {}
    return {
      name: service.name,
      healthy: this.#check === undefined || (this.#check.healthy === true && this.end === undefined),
      registered: this.#registration?.registered ?? false,
      ...(checkedAt !== undefined && { checkedAt: checkedAt.toISOString() }),
      ...(last?.status !== undefined && { status: last.status }),
    }
  }

  /** How the child ended; `undefined` while it runs, and where there is none. */
  get end(): AppEnd | undefined {
    return this.#process?.end
  }

  get isChild(): boolean {
    return this.#options.settings.command !== undefined
  }

  /** `url`: where the application finds the sidecar. Returns at once; the rest follows when it can. */
  start(url: string): void {
    const { command } = this.#options.settings
    if (command !== undefined) this.#run(command, url)
    if (this.#check === undefined) this.#registration?.join()
    else this.#await(this.#check)
  }

  /** Out of the registry for good. */
  async withdraw(limit: number): Promise<void> {
    this.#check?.stop()
    clearInterval(this.#reminder)
    await this.#registration?.close(limit)
  }

  /** Asks the child to end and waits for it; kills it at the limit. */
  async finish(signal: NodeJS.Signals, limit: number): Promise<void> {
    await this.#process?.finish(signal, limit)
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal)
  }

  /** At once, with no word. */
  kill(): void {
    this.#process?.kill()
  }

  #run(command: readonly string[], url: string): void {
    const { log } = this.#options
    const address = url.replace(/^http:\/\//, '')
    const child = new AppProcess(command, { MICRO_SIDECAR_URL: url, MICRO_SIDECAR_ADDRESS: address })
    this.#process = child
    if (child.pid !== undefined) log.info('the application is started', { command: command[0], pid: child.pid })
    void child.ended.then((end) => {
      if (end.complaint === undefined) log.info('the application has ended', { code: end.code })
      else log.error(end.complaint)
      this.#over(end)
    })
  }

  #await(check: HealthCheck): void {
    const { log, settings } = this.#options
    const what = waitedFor(settings)
    log.info('waiting for the application before it is registered', { what })
    this.#reminder = setInterval(() => {
      log.warn('still waiting for the application', { what, reason: check.last?.reason })
    }, reminder)
    check.start()
  }

  #checkOf({ healthcheck, address }: AppServiceSettings): HealthCheck | undefined {
    const onChange = (healthy: boolean, result: ProbeResult) => this.#onChange(healthy, result)
    if (healthcheck !== undefined)
      return new HealthCheck({ ...healthcheck, probe: httpProbe(healthcheck.url), onChange })
    if (!this.isChild) return undefined
    const { host, port } = ownAddress(address)
    return new HealthCheck({ ...portCheck, probe: portProbe(host, port), onChange })
  }

  #onChange(healthy: boolean, { status, reason }: ProbeResult): void {
    const { log, settings } = this.#options
    const isWaiting = this.#reminder !== undefined
    if (healthy) {
      clearInterval(this.#reminder)
      this.#reminder = undefined
      log.info('the application is well', { status })
      this.#registration?.join()
      // A port says that the application has started; it says nothing about how it fares.
      if (settings.service?.healthcheck === undefined) this.#check?.stop()
    } else {
      if (!isWaiting) log.warn('the application fails its health check: it leaves the registry', { status, reason })
      else if (!this.isChild) log.warn('the application fails its first health check', { status, reason })
      void this.#registration?.leave()
    }
  }
}

/** The URL without what may be secret in it. */
function waitedFor({ service }: AppSettings): string {
  const url = service?.healthcheck?.url
  if (url === undefined) return `a connection to ${service?.address}`
  const { origin, pathname } = new URL(url)
  return `health at ${origin}${pathname}`
}
