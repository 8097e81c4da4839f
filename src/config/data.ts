import type { Path } from './path.js'

/** A configuration, or a part of one, as plain data (but for the user's own objects in the live slots). */
export type Data = Record<string, unknown>

/** An object literal or what a parser makes of one; not a list, not an instance of a class. */
export function isData(value: unknown): value is Data {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** An own member; never one that every object inherits. */
export function own(data: unknown, key: string): unknown {
  return typeof data === 'object' && data !== null && Object.hasOwn(data, key) ? Reflect.get(data, key) : undefined
}

/** Sets an own member of any name: `__proto__` is a name like the others. */
export function setOwn(data: Data, key: string, value: unknown): void {
  Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true })
}

export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce(own, data)
}

/** `value` under the keys of `path`. */
export function nested(path: Path, value: unknown): Data {
  const data: Data = {}
  const [key = '', ...rest] = path
  setOwn(data, key, rest.length === 0 ? value : nested(rest, value))
  return data
}

/** Objects that stand for a name with options. */
const SLOTS = new Set(['registry', 'broker', 'balancer'])

/** Objects that hold one of several things: another one stands in the place of the one below it. */
const SINGLE = new Set(['hash', 'sticky'])

/** `over` laid on `base`: objects key by key, everything else replaced. */
export function merge(base: Data, over: Data): Data {
  const result: Data = {}
  for (const key of Object.keys(base)) setOwn(result, key, base[key])
  for (const key of Object.keys(over)) {
    const [below, above] = [own(base, key), own(over, key)]
    setOwn(result, key, isData(above) && !SINGLE.has(key) ? mergeInto(below, above, SLOTS.has(key)) : above)
  }
  return result
}

/** Options without a name belong to the name below them; another name takes nothing over from the one below. */
function mergeInto(below: unknown, above: Data, isSlot: boolean): Data {
  if (isSlot && typeof below === 'string') return { name: below, ...above }
  if (!isData(below)) return above
  const isOther = isSlot && typeof above.name === 'string' && above.name !== own(below, 'name')
  return isOther ? above : merge(below, above)
}

/** `data` without what stands at `path`; a list loses all of itself. */
export function without(data: Data, path: Path): Data {
  const [key = '', ...rest] = path
  const result: Data = {}
  for (const name of Object.keys(data)) {
    if (name !== key) setOwn(result, name, data[name])
    else if (rest.length > 0 && isData(data[name])) setOwn(result, name, without(data[name], rest))
  }
  return result
}
