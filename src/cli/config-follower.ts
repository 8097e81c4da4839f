import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { configPlaces } from '../config/files/find.js'
import { type LoadedConfig, type LoadOptions, loadConfig } from '../config/load.js'
import type { Settings } from '../config/settings.js'
import { FileWatch } from '../config/watch/file-watch.js'
import type { RunningSidecar } from '../running-sidecar.js'
import type { Log } from '../telemetry/log.js'
import { reportFailedReload } from './failed-reload.js'

export interface Followed {
  readonly sidecar: RunningSidecar
  readonly log: Log
  /** Looks for changes; else it loads only when it is asked to. */
  readonly watch: boolean
}

/** Loads the configuration, and again when it changes or somebody asks. */
export class ConfigFollower {
  readonly #options: LoadOptions
  readonly #changed: (settings: Settings) => Settings
  readonly #watch = new FileWatch(() => this.#wake(false))
  #file: string | undefined
  #followed: Followed | undefined
  #wanted: 'not' | 'changed' | 'asked' = 'not'
  #reloading = false
  #closed = false
  /** What was reported last: the same is not said again. */
  #said = ''

  /** `changed`: what the command makes of the settings. */
  constructor(options: LoadOptions, changed: (settings: Settings) => Settings) {
    this.#options = options
    this.#changed = changed
  }

  async load(): Promise<LoadedConfig> {
    const loaded = await loadConfig({ ...this.#options, onRead: (file) => this.#watch.add(file) })
    this.#file = loaded.file
    if (loaded.file === undefined) this.#awaitOne(this.#options.cwd)
    return { ...loaded, settings: this.#changed(loaded.settings) }
  }

  follow(followed: Followed): void {
    this.#followed = followed
    if (followed.watch) this.#watch.start()
    followed.sidecar.on('draining', () => this.#close())
    if (this.#wanted !== 'not') this.#wake(true)
  }

  /** Also where nothing has changed. */
  reload(): void {
    this.#wake(true)
  }

  #close(): void {
    this.#closed = true
    this.#watch.close()
  }

  /** One at a time; what happens meanwhile is one more. */
  #wake(asked: boolean): void {
    if (asked || this.#wanted === 'asked') this.#wanted = 'asked'
    else this.#wanted = 'changed'
    if (this.#reloading) return
    this.#reloading = true
    void this.#reloadWanted().finally(() => {
      this.#reloading = false
    })
  }

  async #reloadWanted(): Promise<void> {
    while (this.#wanted !== 'not' && !this.#closed && this.#followed !== undefined) {
      if (this.#wanted === 'asked') this.#said = ''
      this.#wanted = 'not'
      await this.#reload(this.#followed)
    }
  }

  async #reload({ sidecar, log }: Followed): Promise<void> {
    const begun = performance.now()
    const read = new Set<string>()
    const onRead = (file: string) => {
      read.add(file)
      this.#watch.add(file)
    }
    try {
      const loaded = await this.#loadAgain({ ...this.#options, isReload: true, onRead })
      await sidecar.follow(this.#changed(loaded.settings))
      this.#file = loaded.file
      this.#said = ''
      if (loaded.file !== undefined) this.#watch.keep(read)
      log.info('the configuration is reloaded', { duration: Math.round(performance.now() - begun) })
    } catch (error) {
      if (!this.#closed) this.#said = reportFailedReload(error, log, this.#said)
    }
  }

  /** A file that has gone leaves its place to another one beside it, and not to one further up that nobody meant. */
  async #loadAgain(options: LoadOptions): Promise<LoadedConfig> {
    const file = this.#file
    if (file === undefined) return loadConfig(options)
    if (await isThere(file)) return loadConfig({ ...options, configPath: file })
    this.#awaitOne(dirname(file))
    const other = await loadConfig(options)
    const isBeside = other.file !== undefined && dirname(other.file) === dirname(file)
    return isBeside ? other : loadConfig({ ...options, configPath: file })
  }

  #awaitOne(folder: string): void {
    for (const place of configPlaces(folder)) this.#watch.add(place)
  }
}

/** What cannot even be looked for is read, and its fault told. */
function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  )
}
