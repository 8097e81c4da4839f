// Offers load with wrk where it is installed, else with autocannon, and reads back what came of it.
import { has } from '../machine/installed.mjs'
import { autocannon } from './autocannon.mjs'
import { wrk } from './wrk.mjs'

export const tool = has('wrk') ? 'wrk' : 'autocannon'

/**
 * `{ requests, perSecond, bytesPerSecond, p50, p99, errors }` of a port of 127.0.0.1; latencies in milliseconds.
 * `paths` are asked for in turn; autocannon asks for the first alone.
 */
export const load = tool === 'wrk' ? wrk : autocannon
