import { isDeepStrictEqual } from 'node:util'
import type { AppSettings, SlotChoice } from '../config/settings.js'
import type { Registry } from '../registry/registry.js'
import type { AppHealth } from '../routes/health.js'
import type { Log } from '../telemetry/log.js'
import { type AppEnd, AppProcess } from './app-process.js'
import { Presence } from './presence.js'

export interface ApplicationOptions {
  readonly settings: AppSettings
  readonly registry: Registry
  /** What the configuration says of that registry. */
  readonly choice: SlotChoice<Registry>
  readonly log: Log
}

/** The application beside the sidecar: run as a child where there is a command, looked at, and registered while it is well. */
export class Application {
  /** Stays pending where the application is nobody's child. */
  readonly ended: Promise<AppEnd>
  readonly #command: readonly string[] | undefined
  readonly #log: Log
  #presence: Presence | undefined
  #over: (end: AppEnd) => void = () => undefined
  #process: AppProcess | undefined

  constructor(options: ApplicationOptions) {
    this.#command = options.settings.command
    this.#log = options.log
    this.#presence = this.#presenceOf(options)
    this.ended = new Promise((resolve) => {
      this.#over = resolve
    })
  }

  /** `null` where nothing is to be registered. */
  get health(): AppHealth | null {
    if (this.#presence === undefined) return null
    const { options, isWell, registered, checkedAt, last } = this.#presence
    return {
      name: options.service.name,
      healthy: isWell && this.end === undefined,
      registered,
      ...(checkedAt !== undefined && { checkedAt: checkedAt.toISOString() }),
      ...(last?.status !== undefined && { status: last.status }),
    }
  }

  /** How the child ended; `undefined` while it runs, and where there is none. */
  get end(): AppEnd | undefined {
    return this.#process?.end
  }

  get isChild(): boolean {
    return this.#command !== undefined
  }

  /** `url`: where the application finds the sidecar. Returns at once; the rest follows when it can. */
  start(url: string): void {
    if (this.#command !== undefined) this.#run(this.#command, url)
    void this.#presence?.start()
  }

  /** Has it registered as these say, from now on; the process stays as it is. Resolves once the old way is over. */
  async follow(options: ApplicationOptions): Promise<void> {
    const before = this.#presence
    const { registry, settings } = options
    const isSame = before?.options.registry === registry && isDeepStrictEqual(before?.options.service, settings.service)
    if (isSame || this.end !== undefined) return
    const next = this.#presenceOf(options, before)
    this.#presence = next
    if (before === undefined) await next?.start()
    else if (next === undefined) await before.close(leaveLimit)
    else await next.takeOver(before)
  }

  /** Out of the registry for good. */
  async withdraw(limit: number): Promise<void> {
    await this.#presence?.close(limit)
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

  #presenceOf({ settings, registry, choice, log }: ApplicationOptions, before?: Presence): Presence | undefined {
    const { service } = settings
    return service === undefined
      ? undefined
      : new Presence({ service, registry, choice, log, isChild: this.isChild }, before)
  }

  #run(command: readonly string[], url: string): void {
    const log = this.#log
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
}

/** Milliseconds that a registry has to let go what is no more. */
const leaveLimit = 3000
