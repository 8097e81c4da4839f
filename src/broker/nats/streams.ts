import { createHash } from 'node:crypto'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { JetStream } from './jetstream.js'

/** Topics whose stream is kept in mind. */
const most = 10_000

/**
 * Which stream stores a topic. One that is there already, made by whoever runs NATS with the replicas and the limits that
 * they want, is used as it is. Else the topic's first subscriber makes one that keeps a message only until all who
 * subscribed have acknowledged it, and that refuses new ones, rather than forget old ones, where the server has no room.
 */
export class Streams {
  readonly client: JetStreamClient
  readonly #manager: JetStreamManager
  readonly #names = new Map<string, string>()

  constructor({ client, manager }: JetStream) {
    this.client = client
    this.#manager = manager
  }

  get consumers(): JetStreamManager['consumers'] {
    return this.#manager.consumers
  }

  async has(subject: string): Promise<boolean> {
    return (this.#names.get(subject) ?? (await this.#find(subject))) !== undefined
  }

  /** The name of the topic's stream, made where there was none. */
  async of(subject: string): Promise<string> {
    return this.#names.get(subject) ?? (await this.#find(subject)) ?? (await this.#make(subject))
  }

  forget(subject: string): void {
    this.#names.delete(subject)
  }

  async #find(subject: string): Promise<string | undefined> {
    const { JetStreamApiCodes, JetStreamApiError } = await import('@nats-io/jetstream')
    try {
      return this.#keep(subject, await this.#manager.streams.find(subject))
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined
      throw error
    }
  }

  /** Another sidecar may make the same one at the same time. */
  async #make(subject: string): Promise<string> {
    const { DiscardPolicy, RetentionPolicy, StorageType } = await import('@nats-io/jetstream')
    const name = streamName(subject)
    try {
      await this.#manager.streams.add({
        ...{ name, subjects: [subject], description: 'made by micro-sidecar for a topic' },
        ...{ retention: RetentionPolicy.Interest, storage: StorageType.File, discard: DiscardPolicy.New },
      })
      return this.#keep(subject, name)
    } catch (error) {
      const found = await this.#find(subject)
      if (found !== undefined) return found
      throw error
    }
  }

  #keep(subject: string, name: string): string {
    if (this.#names.size >= most) this.#names.clear()
    this.#names.set(subject, name)
    return name
  }
}

function streamName(subject: string): string {
  return nameFor('MICRO', subject, subject)
}

/** A name that JetStream takes, which stands for these texts and still says something to a person. */
export function nameFor(kind: string, shown: string, ...texts: readonly string[]): string {
  const hash = createHash('sha256').update(texts.join(' ')).digest('hex').slice(0, 16)
  return `${kind}_${shown.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40)}_${hash}`
}
