export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** How far the values lie apart, as a part of their median. */
export const spread = (values) => (Math.max(...values) - Math.min(...values)) / median(values)

/** A median for each of the keys that the samples have. */
export function medians(samples, keys) {
  const known = keys.filter((key) => samples.every((sample) => sample[key] !== undefined))
  return Object.fromEntries(known.map((key) => [key, median(samples.map((sample) => sample[key]))]))
}

export const sum = (values) => values.reduce((total, value) => total + value, 0)

export const mapValues = (record, map) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
