import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'

/** The system has few watches, and shares them among all programs. */
const mostWatches = 32

interface Watched {
  readonly watcher: FSWatcher
  /** Of the folder, which may be removed and made again: its watch would then be deaf. */
  readonly inode: bigint
}

/** Hears that something happens in folders, where the system tells. It need not: network folders, a lack of watches. */
export class FolderWatch {
  readonly #onEvent: () => void
  readonly #watched = new Map<string, Watched>()

  constructor(onEvent: () => void) {
    this.#onEvent = onEvent
  }

  /** These and no others, in place of a watch that has become deaf a new one. Resolves to whether any is new. */
  async follow(folders: ReadonlySet<string>): Promise<boolean> {
    for (const [folder, { watcher }] of this.#watched) {
      if (folders.has(folder)) continue
      watcher.close()
      this.#watched.delete(folder)
    }
    let isNew = false
    for (const folder of folders) isNew = (await this.#watch(folder)) || isNew
    return isNew
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher.close()
    this.#watched.clear()
  }

  async #watch(folder: string): Promise<boolean> {
    const facts = await stat(folder, { bigint: true }).catch(() => undefined)
    const known = this.#watched.get(folder)
    if (known !== undefined && known.inode === facts?.ino) return false
    this.#drop(folder)
    if (facts === undefined || this.#watched.size >= mostWatches) return false
    try {
      const watcher = watch(folder, { persistent: false }, this.#onEvent)
      watcher.on('error', () => this.#drop(folder))
      this.#watched.set(folder, { watcher, inode: facts.ino })
      return true
    } catch {
      // Then what is there is looked at now and then, as it is anyway.
      return false
    }
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
  }
}
