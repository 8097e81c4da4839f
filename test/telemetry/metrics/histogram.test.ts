import { expect, test } from 'vitest'
import { Histogram } from '../../../src/telemetry/metrics/histogram.js'

test('a duration falls in the first bucket whose bound it does not pass; samples add up, in seconds', () => {
  const histogram = new Histogram([1, 10, 100])
  for (const milliseconds of [0, 1, 1.25, 10, 99, 100.25, 5000]) histogram.observe(milliseconds)
  expect([...histogram.counts]).toEqual([2, 2, 1, 2])
  const labels = { handler: 'rpc' }
  expect([...histogram.samples(labels)]).toEqual([
    { suffix: '_bucket', labels: { ...labels, le: '0.001' }, value: 2 },
    { suffix: '_bucket', labels: { ...labels, le: '0.01' }, value: 4 },
    { suffix: '_bucket', labels: { ...labels, le: '0.1' }, value: 5 },
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: 7 },
    { suffix: '_sum', labels, value: 5.2115 },
    { suffix: '_count', labels, value: 7 },
  ])
})

test('what is counted while the samples are read leaves them a histogram', () => {
  const histogram = new Histogram([1, 10])
  const values: number[] = []
  for (const { value } of histogram.samples({})) {
    values.push(value)
    histogram.observe(0.5)
    histogram.observe(50)
  }
  const [, , last, , count] = values
  expect(values.slice(0, 3)).toEqual(values.slice(0, 3).toSorted((a, b) => a - b))
  expect(count).toBe(last)
})
