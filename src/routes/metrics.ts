import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { MicroError, wordsOf } from '../errors.js'
import type { Inbound } from '../http/inbound.js'
import { cutWhenStalled } from '../http/stalled.js'
import { exposition, expositionType } from '../telemetry/metrics/exposition.js'
import type { MetricFamily, MetricSource } from '../telemetry/metrics/family.js'

const id = 'go.micro.sidecar'

/** Milliseconds that a reader may take nothing. */
const patience = 30_000

/** `GET /metrics`; `undefined`: the configuration has switched it off. */
export function metricsRoute(sources: readonly MetricSource[] | undefined): (inbound: Inbound) => void {
  return (inbound) => {
    const { path, request } = inbound
    if (sources === undefined) return inbound.fail(refusal(404, '/metrics is switched off (metrics)', 'no_route'))
    if (path !== '/metrics') return inbound.fail(refusal(404, `nothing is served at ${path.slice(0, 100)}`, 'no_route'))
    if (request.method !== 'GET' && request.method !== 'HEAD') return inbound.fail(wrongMethod(request.method), allow)
    // Who looks at the calls is none of them.
    inbound.leave()
    readAll(sources).then(
      (families) => answer(inbound.response, families),
      (cause: unknown) => inbound.fail(failure(cause)),
    )
  }
}

/** Asks each at the same moment. */
async function readAll(sources: readonly MetricSource[]): Promise<readonly MetricFamily[]> {
  return (await Promise.all(sources.map((source) => source()))).flat()
}

const allow = ['Allow', 'GET, HEAD']

function answer(response: ServerResponse, families: readonly MetricFamily[]): void {
  response.writeHead(200, ['Content-Type', expositionType])
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  cutWhenStalled(response, patience)
  // A reader that leaves is no fault, and nothing is left to tell it.
  pipeline(Readable.from(inTurns(exposition(families)), { objectMode: false }), response).catch(ignore)
}

/** Calls go on between two pieces, however many series there are. */
async function* inTurns(pieces: Iterable<string>): AsyncGenerator<string, void> {
  for (const piece of pieces) {
    yield piece
    await setImmediate()
  }
}

function wrongMethod(method: string | undefined): MicroError {
  return refusal(405, `${method} is not allowed at /metrics, only GET, HEAD`, 'bad_request')
}

function failure(cause: unknown): MicroError {
  return new MicroError(id, 500, `the metrics cannot be read: ${wordsOf(cause)}`, { reason: 'internal', cause })
}

function refusal(code: number, detail: string, reason: MicroError['reason']): MicroError {
  return new MicroError(id, code, detail, reason && { reason })
}

function ignore(): void {}
