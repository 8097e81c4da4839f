/** What is counted of one topic. */
export interface TopicCounts {
  /** Accepted by the broker. */
  published: number
  /** Handed to subscribers, each counted. */
  delivered: number
  subscribers: number
  /** `performance.now()` when the last subscriber left. */
  leftAt: number
}

/** Topics that may have counts of their own: a caller can invent any number. */
const bound = 200
/** Milliseconds after which a topic without subscribers gives its place up. */
const retention = 600_000

/** The name that the topics without counts of their own share; a topic of this name is one of them. */
const shared = 'other'

/** Counts what passes, by topic, and what is lost, by reason. */
export class BrokerTally {
  /** Of the topics beyond, and of those without a subscriber. */
  readonly others: TopicCounts = { published: 0, delivered: 0, subscribers: 0, leftAt: 0 }
  readonly drops = new Map<string, number>()
  readonly #topics = new Map<string, TopicCounts>()

  of(topic: string): TopicCounts {
    return this.#topics.get(topic) ?? this.others
  }

  /** A subscriber came; hand back what this returns to `left`. */
  came(topic: string): TopicCounts {
    const counts = this.#topics.get(topic) ?? this.#begin(topic)
    counts.subscribers++
    return counts
  }

  left(counts: TopicCounts): void {
    counts.subscribers--
    if (counts.subscribers === 0) counts.leftAt = performance.now()
  }

  dropped(reason: string, count = 1): void {
    const known = this.drops.has(reason) || this.drops.size < bound
    const label = known ? reason : shared
    this.drops.set(label, (this.drops.get(label) ?? 0) + count)
  }

  /** By topic, and at last what the others share; topics that nobody subscribed to for long are gone. */
  topics(): readonly (readonly [topic: string, counts: TopicCounts])[] {
    this.#forget()
    return [...this.#topics, [shared, this.others]]
  }

  #begin(topic: string): TopicCounts {
    if (this.#topics.size >= bound) this.#forget()
    if (this.#topics.size >= bound || topic === shared) return this.others
    const counts = { published: 0, delivered: 0, subscribers: 0, leftAt: 0 }
    this.#topics.set(topic, counts)
    return counts
  }

  #forget(): void {
    const before = performance.now() - retention
    for (const [topic, { subscribers, leftAt }] of this.#topics) {
      if (subscribers === 0 && leftAt < before) this.#topics.delete(topic)
    }
  }
}
