import { validateHeaderName, validateHeaderValue } from 'node:http'

export type HeaderRecord = Record<string, string | readonly string[] | undefined>

/** A flat header list as an object for middleware: names in lower case, repeated ones as an array, no prototype. */
export function headerRecord(flat: readonly string[]): HeaderRecord {
  const record: HeaderRecord = Object.create(null)
  for (let i = 0; i < flat.length; i += 2) {
    const name = (flat[i] ?? '').toLowerCase()
    const value = flat[i + 1] ?? ''
    const before = record[name]
    if (before === undefined) record[name] = value
    else record[name] = typeof before === 'string' ? [before, value] : [...before, value]
  }
  return record
}

/** The list again after middleware had it: what was left alone keeps its place and spelling, what is new comes last. Throws on a name or value that no header may have. */
export function flatHeaders(flat: readonly string[], record: HeaderRecord): string[] {
  const before = headerRecord(flat)
  const changed = new Set(Object.keys({ ...before, ...record }).filter((name) => !isEqual(before[name], record[name])))
  if (changed.size === 0) return [...flat]
  const list: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] ?? ''
    if (!changed.has(name.toLowerCase())) list.push(name, flat[i + 1] ?? '')
  }
  for (const name of changed) {
    const value = record[name]
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) {
      validateHeaderName(name)
      validateHeaderValue(name, String(one))
      list.push(name, String(one))
    }
  }
  return list
}

function isEqual(a: HeaderRecord[string], b: HeaderRecord[string]): boolean {
  if (a === b) return true
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, i) => one === b[i])
}
