/** Does one thing at a time. Of what is asked for meanwhile only the last is done, and all who asked hear how it went. */
export class LatestOnly<T> {
  readonly #act: (subject: T) => Promise<void>
  #running: Promise<void> | undefined
  #next: { subject: T; readonly done: Promise<void> } | undefined

  constructor(act: (subject: T) => Promise<void>) {
    this.#act = act
  }

  run(subject: T): Promise<void> {
    if (this.#running === undefined) return this.#begin(subject)
    if (this.#next !== undefined) {
      this.#next.subject = subject
      return this.#next.done
    }
    const next = { subject, done: this.#running.then(() => this.#begin(this.#takeNext(subject))) }
    this.#next = next
    return next.done
  }

  /** Resolves, never rejects, when nothing is done and nothing waits. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await (this.#next?.done ?? this.#running).catch(() => undefined)
  }

  #takeNext(subject: T): T {
    const latest = this.#next?.subject ?? subject
    this.#next = undefined
    return latest
  }

  #begin(subject: T): Promise<void> {
    const work = this.#act(subject)
    this.#running = work
      .catch(() => undefined)
      .then(() => {
        if (this.#next === undefined) this.#running = undefined
      })
    return work
  }
}
