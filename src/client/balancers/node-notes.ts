import type { Candidate } from '../balancer.js'

/** What a balancer keeps of each node, gone with the node. */
export class NodeNotes<T extends object> {
  readonly #make: (node: Candidate) => T
  readonly #ofNode = new WeakMap<Candidate, T>()
  readonly #ofList = new WeakMap<readonly Candidate[], readonly T[]>()

  constructor(make: (node: Candidate) => T) {
    this.#make = make
  }

  of(node: Candidate): T {
    let note = this.#ofNode.get(node)
    if (note === undefined) {
      note = this.#make(node)
      this.#ofNode.set(node, note)
    }
    return note
  }

  /** In the order of the list. One that comes only once is not kept: entries that come and go would cost far more. */
  all(candidates: readonly Candidate[], lasting: boolean): readonly T[] {
    const known = lasting ? this.#ofList.get(candidates) : undefined
    if (known !== undefined) return known
    const notes = candidates.map((node) => this.of(node))
    if (lasting) this.#ofList.set(candidates, notes)
    return notes
  }
}
