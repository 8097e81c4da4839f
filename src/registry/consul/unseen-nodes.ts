import { Deadlines, type Expiring } from '../deadlines.js'
import type { Instance } from './instances.js'

interface Unseen extends Expiring {
  readonly key: string
  readonly name: string
  readonly instance: Instance
}

/** Milliseconds after which a registration that Consul took should be seen. */
const patience = 5000

/** Nodes that were registered here and that Consul has not shown yet, or no more: they are called all the same. */
export class UnseenNodes {
  readonly #nodes = new Map<string, Unseen>()
  readonly #deadlines = new Deadlines<Unseen>((due) => {
    for (const { key } of due) this.delete(key)
  })
  readonly #onChange: (name: string) => void

  constructor(onChange: (name: string) => void) {
    this.#onChange = onChange
  }

  get isEmpty(): boolean {
    return this.#nodes.size === 0
  }

  of(name: string): readonly Instance[] {
    const instances: Instance[] = []
    for (const node of this.#nodes.values()) if (node.name === name) instances.push(node.instance)
    return instances
  }

  add(key: string, name: string, instance: Instance): void {
    const known = this.#nodes.get(key)
    if (known !== undefined) this.#deadlines.delete(known)
    if (known?.instance === instance) return
    this.#nodes.set(key, { key, name, instance, deadline: 0, position: -1 })
    this.#onChange(name)
  }

  /** Consul took it: if it does not show it soon, it has its reasons. */
  expect(key: string): void {
    const unseen = this.#nodes.get(key)
    if (unseen !== undefined) this.#deadlines.set(unseen, patience)
  }

  /** Whoever heard this from Consul knows it already. */
  shown(found: readonly (readonly [key: string, instance: Instance])[]): void {
    for (const [key, { health }] of found) {
      const unseen = this.#nodes.get(key)
      if (unseen === undefined || health === 'lapsed') continue
      this.#deadlines.delete(unseen)
      this.#nodes.delete(key)
    }
  }

  delete(key: string): void {
    const unseen = this.#nodes.get(key)
    if (unseen === undefined) return
    this.#deadlines.delete(unseen)
    this.#nodes.delete(key)
    this.#onChange(unseen.name)
  }

  clear(): void {
    this.#deadlines.clear()
    this.#nodes.clear()
  }
}
