import { expect, test } from 'vitest'
import { benchParts } from '../support/bench.js'

const { median, read, scavenges, stageTimes } = await benchParts()

test('what wrk prints is read', () => {
  const output = `Running 4s test @ http://127.0.0.1:8081/bench/small
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     3.76ms  641.11us  15.20ms   89.13%
    Req/Sec    17.10k   812.00    18.20k    80.00%
  Latency Distribution
     50%    3.61ms
     75%  900.00us
     90%    4.20ms
     99%    1.20s
  68312 requests in 4.00s, 3.21GB read
  Socket errors: connect 0, read 3, write 0, timeout 2
  Non-2xx or 3xx responses: 5
Requests/sec:  17064.12
Transfer/sec:      0.80GB
`
  const bytesPerSecond = 0.8 * 2 ** 30
  expect(read(output)).toEqual({
    requests: 68_312,
    perSecond: 17_064.12,
    bytesPerSecond,
    p50: 3.61,
    p99: 1200,
    errors: 10,
  })
})

test('scavenges are read as Node 20 and later ones write them, and other collections are not', () => {
  const trace = `[7:0x6] 100 ms: Scavenge 25.3 (30.1) -> 22.0 (31.0) MB, 1.25 / 0.00 ms  (average mu = 1.000, current mu = 1.000) task;
[7:0x6] 120 ms: Mark-Compact 25.3 (30.1) -> 22.0 (31.0) MB, 9.99 / 0.00 ms  (average mu = 1.000, current mu = 1.000) task;
[7:0x7f] 130 ms: Scavenge 25.3 (30.1) -> 22.0 (31.0) MB, pooled: 0.0 MB, 0.75 / 0.00 ms (average mu = 1.000, current mu = 1.000) allocation failure;
`
  expect(scavenges(trace)).toEqual([1.25, 0.75])
})

test('a profile is told apart into stages, without what came before the load and without idling', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 })
  const nodes = [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('onParserExecute', 'node:_http_server') },
    { id: 3, callFrame: frame('(garbage collector)') },
  ]
  const profile = { nodes, startTime: 0, endTime: 4e6, samples: [2, 1, 2, 3], timeDeltas: [1e6, 1e6, 1.5e6, 0.5e6] }
  expect(stageTimes(profile, 3)).toEqual({ 'HTTP server (Node)': 0.75, 'garbage collection': 0.25 })
})

test.for([
  { values: [3, 1, 2], middle: 2 },
  { values: [4, 1, 2, 3], middle: 2.5 },
])('the median of $values is $middle', ({ values, middle }) => {
  expect(median(values)).toBe(middle)
})
