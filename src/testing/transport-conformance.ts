import type { TestRunner } from './registry-conformance.js'
import { abortCases } from './transport/abort-cases.js'
import { answerCases } from './transport/answer-cases.js'
import {
  Bench,
  type ConformanceCase,
  type MakeTransport,
  type TransportCapability,
} from './transport/conformance-case.js'
import { connectionCases } from './transport/connection-cases.js'
import { cutCases } from './transport/cut-cases.js'
import { endingCases } from './transport/ending-cases.js'
import { framingCases } from './transport/framing-cases.js'
import { keepAliveCases } from './transport/keep-alive-cases.js'
import { requestBodyCases } from './transport/request-body-cases.js'
import { requestCases } from './transport/request-cases.js'
import { reuseCases } from './transport/reuse-cases.js'
import { silenceCases } from './transport/silence-cases.js'
import { streamingCases } from './transport/streaming-cases.js'

export type { MakeTransport, TransportCapability, TransportLimits } from './transport/conformance-case.js'

export interface TransportConformanceOptions {
  /** Cases that need one of these are left out, and the tests' names say so. */
  readonly lacks?: readonly TransportCapability[]
}

/** Registers every check that an implementation of `Transport` has to pass. */
export function transportConformance(
  name: string,
  make: MakeTransport,
  { test }: TestRunner,
  options: TransportConformanceOptions = {},
): void {
  const lacks = options.lacks ?? []
  for (const { group, cases } of groups) {
    for (const each of cases) {
      if (each.needs === undefined || !lacks.includes(each.needs)) {
        test(`${name}: ${group}: ${each.title}`, () => runCase(each, make))
      }
    }
  }
  for (const lack of lacks) test(`${name}: left out, for it lacks ${lack}: ${leftOut(lack)}`, () => known(lack))
}

const groups: readonly { readonly group: string; readonly cases: readonly ConformanceCase[] }[] = [
  { group: 'request', cases: requestCases },
  { group: 'request body', cases: requestBodyCases },
  { group: 'answer', cases: answerCases },
  { group: 'framing', cases: framingCases },
  { group: 'streaming', cases: streamingCases },
  { group: 'abort', cases: abortCases },
  { group: 'ending', cases: endingCases },
  { group: 'idleTimeout', cases: silenceCases },
  { group: 'connections', cases: connectionCases },
  { group: 'reuse', cases: reuseCases },
  { group: 'keep-alive', cases: keepAliveCases },
  { group: 'cuts', cases: cutCases },
]

async function runCase(each: ConformanceCase, make: MakeTransport): Promise<void> {
  const bench = new Bench(make({ connections: 100, keepAlive: 3000, ...each.limits }))
  try {
    await each.run(bench)
  } finally {
    await bench.clear()
  }
}

function needing(lack: TransportCapability): ConformanceCase[] {
  return groups.flatMap(({ cases }) => cases.filter((each) => each.needs === lack))
}

function leftOut(lack: TransportCapability): string {
  return needing(lack)
    .map(({ title }) => title)
    .join('; ')
}

async function known(lack: TransportCapability): Promise<void> {
  if (needing(lack).length === 0) throw new Error(`no case needs ${lack}`)
}
