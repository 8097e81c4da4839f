import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Milliseconds for which a folder must be quiet, and between two looks for what its events did not tell. */
const quietTime = 100
const lookTime = 2000

/**
 * Tells when a file may have changed. The folder is watched, not the file: editors put another file in its place, and
 * a mounted config map only turns a link somewhere on the way to it.
 */
export class FileWatch {
  readonly #file: string
  readonly #onChange: () => void
  #watcher: FSWatcher | undefined
  #quiet: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #seen: string | undefined
  #closed = false

  constructor(file: string, onChange: () => void) {
    this.#file = file
    this.#onChange = onChange
    this.#watch()
    void this.#look()
  }

  close(): void {
    this.#closed = true
    this.#watcher?.close()
    clearTimeout(this.#quiet)
    clearTimeout(this.#timer)
  }

  /** Where there is no folder yet, or no more watches are to be had, looking has to do. */
  #watch(): void {
    try {
      this.#watcher = watch(dirname(this.#file), { persistent: false }, () => this.#stir())
      this.#watcher.on('error', () => this.#unwatch())
    } catch {
      this.#unwatch()
    }
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = undefined
  }

  #stir(): void {
    clearTimeout(this.#quiet)
    if (!this.#closed) this.#quiet = setTimeout(this.#onChange, quietTime).unref()
  }

  async #look(): Promise<void> {
    const before = this.#seen
    this.#seen = await signature(this.#file)
    if (this.#closed) return
    if (before !== undefined && before !== this.#seen) this.#stir()
    if (this.#watcher === undefined) this.#watch()
    this.#timer = setTimeout(() => void this.#look(), lookTime).unref()
  }
}

async function signature(file: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file)
    return [ino, size, mtimeMs, ctimeMs].join(' ')
  } catch {
    return ''
  }
}
