import { disturbances, isSteady } from './disturbances.mjs'
import { cpuTime, residentMegabytes } from './machine/proc.mjs'
import { assertRunning } from './machine/processes.mjs'
import { watch } from './machine/watch.mjs'

/** Where the rounds of a target lie too far apart, another is taken of all: so often at most. */
const extraRounds = 2

/**
 * Samples of several targets, taken in turn, round by round, so that what changes with time hits all alike. One that was
 * disturbed is taken again while the row may; then the quietest is kept, and told of.
 */
export class Rounds {
  #targets
  #take
  #options
  #samples
  #retakes

  /**
   * `take(target, name, seconds)` gives a sample, with `told`: what it saw disturb it. `options`: those of the command,
   * `helpers`, the processes that serve the targets, `decides`, the figure whose spread is looked at, and
   * `prepare(target, name)`, where each sample needs to be led up to.
   */
  constructor(targets, take, options) {
    this.#targets = Object.entries(targets)
    this.#take = take
    this.#options = options
    this.#samples = Object.fromEntries(this.#targets.map(([name]) => [name, []]))
    this.#retakes = options.retakes * this.#targets.length
  }

  /** What disturbed them, in sentences. */
  get notes() {
    return disturbances(this.#samples, this.#options.decides)
  }

  /** The samples of each target, by name. */
  async run() {
    const { quick, rounds, seconds } = this.#options
    for (const [name, target] of quick ? [] : this.#targets) await this.#take(target, name, Math.min(seconds, 2))
    for (let round = 0; round < rounds; round++) await this.#round()
    for (let extra = 0; rounds > 1 && extra < extraRounds && this.#unsteady().length > 0; extra++) await this.#round()
    return this.#samples
  }

  async #round() {
    for (const [name, target] of this.#targets) this.#samples[name].push(await this.#quiet(name, target))
  }

  async #quiet(name, target) {
    let best = await this.#sample(name, target)
    while (best.told.length > 0 && this.#retakes > 0) {
      this.#retakes--
      const again = await this.#sample(name, target)
      if (again.told.length === 0 || again.foreign < best.foreign) best = again
    }
    return best
  }

  async #sample(name, target) {
    await this.#options.prepare?.(target, name)
    const end = watch(target.pid, this.#options.helpers)
    const before = cpuTime(target.pid)
    const sample = await this.#take(target, name, this.#options.seconds)
    const seen = end()
    assertRunning(target)
    const used = before === undefined ? undefined : cpuTime(target.pid) - before
    const told = [...seen.told, ...(sample.told ?? [])]
    return { ...seen, ...sample, told, used, memory: residentMegabytes(target.pid) }
  }

  #unsteady() {
    const { decides } = this.#options
    return this.#targets.filter(([name]) => !isSteady(this.#samples[name].map(decides)))
  }
}
