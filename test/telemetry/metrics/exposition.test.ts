import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exposition } from '../../../src/telemetry/metrics/exposition.js'
import type { MetricFamily, MetricSample } from '../../../src/telemetry/metrics/family.js'
import { parseExposition } from '../../kit/exposition.js'

function family(samples: MetricFamily['samples'], help = 'What it is.'): MetricFamily {
  return { name: 'micro_x', help, type: 'gauge', samples }
}

function text(...families: MetricFamily[]): string {
  return [...exposition(families)].join('')
}

describe('the text format', () => {
  test('is written to the letter', () => {
    const samples: MetricSample[] = [
      { value: 1 },
      { labels: { service: 'a', node: 'b "c" \\ \n d' }, value: 0.25 },
      { labels: { service: '' }, value: Number.POSITIVE_INFINITY },
    ]
    expect(text(family(samples, 'One\nline, \\ one.'))).toBe(
      [
        '# HELP micro_x One\\nline, \\\\ one.',
        '# TYPE micro_x gauge',
        'micro_x 1',
        'micro_x{service="a",node="b \\"c\\" \\\\ \\n d"} 0.25',
        'micro_x{service=""} +Inf',
        '',
      ].join('\n'),
    )
  })

  test('S13: whatever a value holds, it is read back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        const labels = { service: one, node: other }
        const read = parseExposition(text(family([{ labels, value: 1 }])))
        expect(Object.fromEntries(read.get('micro_x')?.samples[0]?.labels ?? [])).toEqual(labels)
      }),
      { seed: 11 },
    )
  })

  test('half a surrogate pair, which is no UTF-8, is written as its number, so that no two become one', () => {
    const halves = ['\ud800', '\ud801', '\udc00', 'x\ud83d', '\ude00y']
    const samples = halves.map((service) => ({ labels: { service }, value: 1 }))
    const bytes = Buffer.from(text(family(samples)))
    const read = parseExposition(bytes.toString('utf8'))
    expect(read.get('micro_x')?.samples.map(({ labels }) => labels.get('service'))).toEqual([
      '\\ud800',
      '\\ud801',
      '\\udc00',
      'x\\ud83d',
      '\\ude00y',
    ])
  })

  test('comes in pieces, each line whole', () => {
    const samples = Array.from({ length: 5000 }, (_, i) => ({ labels: { service: `service-${i}` }, value: i }))
    const pieces = [...exposition([family(samples)])]
    expect(pieces.length).toBeGreaterThan(1)
    for (const piece of pieces) {
      expect(piece.length).toBeLessThan(70_000)
      expect(piece.endsWith('\n')).toBe(true)
    }
    expect(parseExposition(pieces.join('')).get('micro_x')?.samples).toHaveLength(5000)
  })
})

describe('the reader of these tests refuses', () => {
  const head = '# HELP micro_x X.\n# TYPE micro_x gauge\n'
  const histogram = '# HELP micro_h H.\n# TYPE micro_h histogram\n'
  test.each([
    ['no end of the last line', `${head}micro_x 1`],
    ['a sample without a family', 'micro_x 1\n'],
    ['a sample of another family', `${head}micro_y 1\n`],
    ['a family that comes twice', `${head}micro_x 1\n${head}micro_x 2\n`],
    ['a family without a type', '# HELP micro_x X.\nmicro_x 1\n'],
    ['a counter without _total', '# HELP micro_x X.\n# TYPE micro_x counter\nmicro_x 1\n'],
    ['a gauge with _total', '# HELP micro_x_total X.\n# TYPE micro_x_total gauge\nmicro_x_total 1\n'],
    ['a count below 0', '# HELP micro_x_total X.\n# TYPE micro_x_total counter\nmicro_x_total -1\n'],
    ['a series that comes twice', `${head}micro_x{a="1",b="2"} 1\nmicro_x{b="2",a="1"} 1\n`],
    ['a label that comes twice', `${head}micro_x{a="1",a="2"} 1\n`],
    ['an escape that there is none of', `${head}micro_x{a="\\t"} 1\n`],
    ['a quote in a value', `${head}micro_x{a="b"c"} 1\n`],
    ['a line break in a value', `${head}micro_x{a="b\nc"} 1\n`],
    ['a comma at the end', `${head}micro_x{a="b",} 1\n`],
    ['no number', `${head}micro_x one\n`],
    ['undefined', `${head}micro_x undefined\n`],
    ['an empty line', `${head}\nmicro_x 1\n`],
    [
      'a histogram whose buckets fall',
      `${histogram}micro_h_bucket{le="1"} 2\nmicro_h_bucket{le="+Inf"} 1\nmicro_h_sum 1\nmicro_h_count 1\n`,
    ],
    ['a histogram without +Inf', `${histogram}micro_h_bucket{le="1"} 2\nmicro_h_sum 1\nmicro_h_count 2\n`],
    ['a histogram with another count', `${histogram}micro_h_bucket{le="+Inf"} 2\nmicro_h_sum 1\nmicro_h_count 3\n`],
    ['a histogram without a sum', `${histogram}micro_h_bucket{le="+Inf"} 2\nmicro_h_count 2\n`],
  ])('%s', (_, wrong) => {
    expect(() => parseExposition(wrong)).toThrow()
  })
})
