import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './source.js'

export interface Reading {
  readonly tested: { readonly work: number; readonly steal: number }
  readonly load: { readonly work: number; readonly steal: number }
  readonly target: number
  readonly helpers: number
}

export interface Judgement {
  readonly told: readonly string[]
  readonly foreign: number
  readonly loadCoreFull: boolean
}

export interface Sample extends Partial<Judgement> {
  readonly cpu: number
}

export type Targets = Record<string, Record<string, number>>
export type Results = Record<string, { targets: Targets }>

export interface JudgedGoal {
  readonly what: string
  readonly row?: string
  readonly value: number | undefined
  readonly missing: boolean
  readonly reached: boolean
}

/** What of the bench is tested by itself. It is JavaScript without types of its own. */
export interface BenchParts {
  judge(before: Reading, after: Reading, microseconds: number): Judgement
  disturbances(samples: Record<string, Sample[]>, decides: (sample: Sample) => number): string[]
  scavenges(trace: string): number[]
  read(output: string): Record<string, number>
  judged(results: Results): JudgedGoal[]
  picture(results: Results): string
  replaced(text: string, measured: string): string
  stageTimes(profile: object, seconds: number): Record<string, number>
  median(values: number[]): number
}

export async function benchParts(): Promise<BenchParts> {
  const names = [
    'machine/judge',
    'disturbances',
    'rows/scavenges',
    'load/wrk',
    'goals',
    'report/picture',
    'report/docs',
    'rows/stage-times',
    'statistics',
  ]
  const files = names.map((name) => pathToFileURL(join(root, 'bench', `${name}.mjs`)).href)
  return Object.assign({}, ...(await Promise.all(files.map((file) => import(file)))))
}
