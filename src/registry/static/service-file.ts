import { wordsOf } from '../../errors.js'
import type { Log } from '../../telemetry/log.js'
import type { Service } from '../registry.js'
import { FileWatch } from './file-watch.js'
import { readServiceText, servicesIn } from './service-text.js'

export interface ServiceFileOptions {
  readonly file: string
  readonly log: Pick<Log, 'info' | 'warn'> | undefined
  /** Takes a list that was read whole; what it throws is a fault of the file. */
  take(services: readonly Service[]): void
}

/** A file of services, read again whenever it changes. While it is broken, its last good list counts. */
export class ServiceFile {
  readonly #options: ServiceFileOptions
  readonly #watch: FileWatch
  #text: string | undefined
  #fault: string | undefined
  #brokenSince: number | undefined
  #count: number | undefined
  #reading: Promise<void> | undefined
  #isStale = false
  #closed = false

  constructor(options: ServiceFileOptions) {
    this.#options = options
    this.#watch = new FileWatch(options.file, () => void this.read())
  }

  /** Since when its list is not the one in the file; `undefined` while it is. */
  get brokenSince(): number | undefined {
    return this.#brokenSince
  }

  /** One reading after the other, and one more for changes meanwhile. Never rejects. */
  read(): Promise<void> {
    this.#isStale = true
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  close(): void {
    this.#closed = true
    this.#watch.close()
  }

  async #readAll(): Promise<void> {
    while (this.#isStale && !this.#closed) {
      this.#isStale = false
      await this.#readOnce()
    }
  }

  async #readOnce(): Promise<void> {
    const { file, take } = this.#options
    try {
      const text = await readServiceText(file)
      if (text === this.#text && this.#fault === undefined) return
      const services = await servicesIn(file, text)
      if (this.#closed) return
      take(services)
      this.#text = text
      this.#succeed(services.length)
    } catch (error) {
      this.#fail(wordsOf(error))
    }
  }

  #succeed(count: number): void {
    this.#fault = undefined
    this.#brokenSince = undefined
    this.#count = count
    this.#options.log?.info(`static: ${this.#options.file} lists ${count} ${count === 1 ? 'service' : 'services'}`)
  }

  #fail(fault: string): void {
    if (this.#closed || fault === this.#fault) return
    this.#fault = fault
    this.#brokenSince ??= performance.now()
    const kept = this.#count === undefined ? 'nothing is known from it yet' : 'its last good list stays'
    this.#options.log?.warn(`static: ${fault.replaceAll('\n', '; ')}; ${kept}`)
  }
}
