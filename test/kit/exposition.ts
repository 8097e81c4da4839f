import type { Sidecar } from '../../src/index.js'

/** What `/metrics` of a sidecar says now. */
export async function readMetrics(sidecar: Sidecar): Promise<Map<string, Family>> {
  const answer = await sidecar.fetch('/metrics')
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}: ${await answer.text()}`)
  return parseExposition(await answer.text())
}

/** Labels and value of each series of a family; none where there is no such family. */
export function series(families: Map<string, Family>, name: string): [Record<string, string>, number][] {
  const { samples = [] } = families.get(name) ?? {}
  return samples.map(({ labels, value }) => [Object.fromEntries(labels), value])
}

/** The value of a family that has one series. */
export function only(families: Map<string, Family>, name: string): number {
  const all = series(families, name)
  if (all.length !== 1 || all[0] === undefined) throw new Error(`${name} has ${all.length} series`)
  return all[0][1]
}

/** A family of series as a strict reader of Prometheus' text format 0.0.4 finds it. */
export interface Family {
  readonly type: string
  readonly help: string
  readonly samples: { name: string; labels: Map<string, string>; value: number }[]
}

/** Reads the format as `promtool check metrics` would: throws at the first thing that is not right. */
export function parseExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const lines = text.slice(0, -1).split('\n')
  let current: { name: string; family: Family } | undefined
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const help = /^# HELP ([a-z_][a-z0-9_]*) (\S.*)$/.exec(line)
    if (help !== null) {
      const [, name = '', words = ''] = help
      const type = new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`).exec(lines[++i] ?? '')?.[1]
      if (type === undefined) throw new Error(`no type after the help of ${name}: ${lines[i]}`)
      if (families.has(name)) throw new Error(`${name} comes twice`)
      if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}`)
      current = { name, family: { type, help: words, samples: [] } }
      families.set(name, current.family)
      continue
    }
    if (current === undefined) throw new Error(`a sample before any family: ${line}`)
    const sample = readSample(line)
    const suffix = sample.name.slice(current.name.length)
    if (!sample.name.startsWith(current.name) || !suffixes(current.family.type).includes(suffix))
      throw new Error(`${sample.name} stands under ${current.name}`)
    const key = JSON.stringify([sample.name, [...sample.labels].sort()])
    if (seen.has(key)) throw new Error(`a series comes twice: ${line}`)
    seen.add(key)
    if (current.family.type !== 'gauge' && !(sample.value >= 0)) throw new Error(`not a count: ${line}`)
    current.family.samples.push(sample)
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkHistogram(name, family)
  return families
}

function suffixes(type: string): string[] {
  return type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
}

function readSample(line: string): Family['samples'][number] {
  const match = /^([a-z_][a-z0-9_]*)(?:\{(.+)\})? (\S+)$/s.exec(line)
  if (match === null) throw new Error(`not a sample: ${line}`)
  const [, name = '', pairs = '', value = ''] = match
  return { name, labels: readLabels(pairs, line), value: readValue(value) }
}

function readLabels(pairs: string, line: string): Map<string, string> {
  const labels = new Map<string, string>()
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)/sy
  while (pair.lastIndex < pairs.length) {
    const at = pair.lastIndex
    const match = pair.exec(pairs)
    if (match === null) throw new Error(`no label at ${at} of ${line}`)
    const [, name = '', value = '', comma] = match
    if (labels.has(name)) throw new Error(`the label ${name} comes twice: ${line}`)
    if (comma === ',' && pair.lastIndex === pairs.length) throw new Error(`a comma too much: ${line}`)
    labels.set(
      name,
      value.replace(/\\(.)/gs, (_, one: string) => (one === 'n' ? '\n' : one)),
    )
  }
  return labels
}

function readValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  if (!/^-?\d+(?:\.\d+)?(?:e[+-]\d+)?$/.test(text)) throw new Error(`not a value: ${text}`)
  return Number(text)
}

/** Buckets rise, the last is `+Inf` and holds all. */
function checkHistogram(name: string, { samples }: Family): void {
  const series = new Map<string, Family['samples']>()
  for (const sample of samples) {
    const labels = [...sample.labels].filter(([label]) => label !== 'le').sort()
    const key = JSON.stringify(labels)
    series.set(key, [...(series.get(key) ?? []), sample])
  }
  for (const [labels, parts] of series) {
    const buckets = parts.filter((part) => part.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => Number((labels.get('le') ?? '').replace('+Inf', 'Infinity')))
    const counts = buckets.map(({ value }) => value)
    const count = parts.find((part) => part.name === `${name}_count`)?.value
    const rises = (list: number[]) => list.every((one, i) => i === 0 || one >= (list[i - 1] ?? 0))
    if (!rises(bounds) || !rises(counts) || bounds.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count)
      throw new Error(`${name}${labels} is no histogram`)
    if (parts.length !== buckets.length + 2) throw new Error(`${name}${labels} lacks its sum or its count`)
  }
}
