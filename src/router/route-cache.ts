const limit = 1000

/** Remembers what paths map to. A caller that invents paths costs a new start every thousand of them, and no memory. */
export class RouteCache<T> {
  readonly #map: (path: string) => T | undefined
  readonly #routes = new Map<string, T>()

  constructor(map: (path: string) => T | undefined) {
    this.#map = map
  }

  find(path: string): T | undefined {
    const known = this.#routes.get(path)
    if (known !== undefined) return known
    const route = this.#map(path)
    if (route === undefined) return undefined
    // Cleared rather than thinned out one by one: a table that loses an entry for each it gains keeps garbage alive.
    if (this.#routes.size === limit) this.#routes.clear()
    this.#routes.set(path, route)
    return route
  }
}
