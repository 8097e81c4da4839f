import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FileState, fileState, fileStateNow } from './file-state.js'
import { FolderWatch } from './folder-watch.js'

export interface FileWatchOptions {
  /** Milliseconds between looks that nobody has asked for. */
  readonly interval?: number
  /** Milliseconds without an event until what happened is over, and the most of them. */
  readonly quiet?: number
  readonly mostQuiet?: number
}

/**
 * Tells that a file is not what it was when it was added: by what the system says of its folder, and by looking at it
 * now and then, since the system need not say anything. Editors write twice, or another file that takes its place;
 * in Kubernetes a folder above is exchanged.
 */
export class FileWatch {
  readonly #onChange: () => void
  readonly #options: Required<FileWatchOptions>
  readonly #states = new Map<string, FileState>()
  readonly #events = new FolderWatch(() => this.#onEvent())
  #round: NodeJS.Timeout | undefined
  #quiet: NodeJS.Timeout | undefined
  #firstEvent = 0
  #looking = false
  #again = false
  #closed = false
  #folders: ReadonlySet<string> = new Set()
  /** There are other files now, or links that lead elsewhere. */
  #hasMoved = true

  constructor(onChange: () => void, { interval = 2000, quiet = 100, mostQuiet = 1000 }: FileWatchOptions = {}) {
    this.#onChange = onChange
    this.#options = { interval, quiet, mostQuiet }
  }

  /** As it is now, which need not be at all. What was added before stays as it was then. */
  add(file: string): void {
    if (this.#states.has(file)) return
    this.#states.set(file, fileStateNow(file))
    this.#hasMoved = true
  }

  /** Forgets all others. */
  keep(files: ReadonlySet<string>): void {
    for (const file of this.#states.keys()) if (!files.has(file)) this.#states.delete(file)
    this.#hasMoved = true
  }

  start(): void {
    this.#round ??= setInterval(() => void this.#look(), this.#options.interval).unref()
    void this.#look()
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#round)
    clearTimeout(this.#quiet)
    this.#events.close()
  }

  /** Of a file that is written in pieces the last piece is waited for, if not for ever. */
  #onEvent(): void {
    const now = performance.now()
    if (this.#quiet === undefined) this.#firstEvent = now
    else if (now - this.#firstEvent > this.#options.mostQuiet) return
    clearTimeout(this.#quiet)
    this.#quiet = setTimeout(() => {
      this.#quiet = undefined
      void this.#look()
    }, this.#options.quiet).unref()
  }

  /** One look at a time: a file system that hangs shall not collect them. */
  async #look(): Promise<void> {
    this.#again = true
    if (this.#looking) return
    this.#looking = true
    while (this.#again && !this.#closed) {
      this.#again = false
      await this.#lookAtAll()
    }
    this.#looking = false
  }

  async #lookAtAll(): Promise<void> {
    let isChanged = false
    for (const [file, before] of this.#states) {
      const now = await fileState(file, before)
      if (now === before || this.#states.get(file) !== before) continue
      this.#states.set(file, now)
      isChanged ||= now.content !== before.content
    }
    if (this.#closed) return
    if (isChanged) {
      this.#hasMoved = true
      this.#onChange()
    }
    if (this.#hasMoved) {
      this.#hasMoved = false
      this.#folders = await this.#foldersOf()
    }
    // What happened before there was a watch has been said to nobody.
    if (await this.#events.follow(this.#folders)) this.#again = true
    if (this.#closed) this.#events.close()
  }

  /** A link's own and the one that it leads to. */
  async #foldersOf(): Promise<ReadonlySet<string>> {
    const folders = new Set<string>()
    for (const file of this.#states.keys()) {
      folders.add(dirname(file))
      const real = await realpath(file).catch(() => file)
      folders.add(dirname(real))
    }
    return folders
  }
}
