/** Outside these, sums and quotients of weights would lose their meaning. */
const least = 1e-6
const most = 1e6

/** What a node's metadata says of its part of the calls: 0 is none of them. `undefined`: it says no number. */
export function weightIn({ weight: text }: Readonly<Record<string, string>>): number | undefined {
  if (text === undefined) return 1
  const weight = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(weight) || weight < 0) return undefined
  return weight === 0 ? 0 : Math.min(most, Math.max(least, weight))
}
