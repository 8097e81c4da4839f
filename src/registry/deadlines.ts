/** Something that ends at a moment. `position` belongs to the `Deadlines` that holds it; -1 when none does. */
export interface Expiring {
  deadline: number
  position: number
}

/** The longest wait that `setTimeout` knows; beyond it the timer is set again. */
const longestWait = 2 ** 31 - 1

/**
 * A binary heap of deadlines under one timer, however many there are. The clock is monotonic: a step of the wall
 * clock changes nothing.
 */
export class Deadlines<T extends Expiring> {
  readonly #heap: T[] = []
  readonly #onDue: (due: T[]) => void
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(onDue: (due: T[]) => void) {
    this.#onDue = onDue
  }

  /** Sets or moves the item's deadline to `ttl` milliseconds from now. */
  set(item: T, ttl: number): void {
    const before = item.deadline
    item.deadline = performance.now() + ttl
    if (item.position === -1) this.#sink(this.#heap.push(item) - 1, item)
    else if (item.deadline > before) this.#sink(item.position, item)
    this.#raise(item.position, item)
    this.#arm()
  }

  delete(item: T): void {
    if (item.position === -1) return
    this.#take(item)
    this.#arm()
  }

  clear(): void {
    for (const item of this.#heap) item.position = -1
    this.#heap.length = 0
    this.#arm()
  }

  #take(item: T): void {
    const { position } = item
    const last = this.#heap.pop()
    item.position = -1
    if (last === undefined || last === item) return
    this.#sink(position, last)
    this.#raise(last.position, last)
  }

  #arm(): void {
    const next = this.#heap[0]?.deadline ?? Number.POSITIVE_INFINITY
    if (next === this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = next
    this.#timer = undefined
    if (next === Number.POSITIVE_INFINITY) return
    const wait = Math.min(Math.max(Math.ceil(next - performance.now()), 1), longestWait)
    this.#timer = setTimeout(() => this.#expire(), wait)
    this.#timer.unref()
  }

  #expire(): void {
    const now = performance.now()
    const due: T[] = []
    for (let first = this.#heap[0]; first !== undefined && first.deadline <= now; first = this.#heap[0]) {
      this.#take(first)
      due.push(first)
    }
    this.#timerAt = Number.NaN
    this.#arm()
    if (due.length > 0) this.#onDue(due)
  }

  #raise(position: number, item: T): void {
    while (position > 0) {
      const above = (position - 1) >> 1
      const parent = this.#heap[above]
      if (parent === undefined || parent.deadline <= item.deadline) break
      this.#place(position, parent)
      position = above
    }
    this.#place(position, item)
  }

  #sink(position: number, item: T): void {
    for (;;) {
      const left = this.#heap[2 * position + 1]
      const right = this.#heap[2 * position + 2]
      const child = right !== undefined && left !== undefined && right.deadline < left.deadline ? right : left
      if (child === undefined || child.deadline >= item.deadline) break
      const below = child.position
      this.#place(position, child)
      position = below
    }
    this.#place(position, item)
  }

  #place(position: number, item: T): void {
    this.#heap[position] = item
    item.position = position
  }
}
