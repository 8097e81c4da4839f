import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { benchParts, type Results } from '../support/bench.js'
import { root } from '../support/source.js'

const { judged, picture, replaced } = await benchParts()

function measured(sidecar: number): Results {
  return {
    proxy: {
      targets: {
        sidecar: { cpu: sidecar, perSecond: 17_000, errors: 0 },
        'http-proxy': { cpu: 150, perSecond: 9000, errors: 3 },
        nginx: { cpu: 20, perSecond: 40_000 },
      },
    },
  }
}

describe('the figures to reach', () => {
  const of = (results: Results, what: RegExp) => judged(results).find((goal) => what.test(goal.what))

  test('are ratios of CPU time', () => {
    expect(of(measured(60), /http-proxy's CPU/)).toMatchObject({ value: 2.5, reached: true })
    expect(of(measured(75), /http-proxy's CPU/)).toMatchObject({ value: 2, reached: false })
  })

  test('of a peer that is not here have no value and are not reached', () => {
    expect(of(measured(60), /caddy/)).toMatchObject({ missing: true, reached: false })
  })

  test('of rows that were not run are not there', () => {
    expect(of(measured(60), /WebSocket/)).toBeUndefined()
  })

  test('count the wrong answers of the sidecar alone', () => {
    expect(of(measured(60), /wrong answers/)).toMatchObject({ value: 0, reached: true })
  })
})

describe('the picture', () => {
  test('has a bar for each target with the figure, ours marked, and its names escaped', () => {
    const svg = picture({ proxy: { targets: { sidecar: { cpu: 56 }, '<a> & b': { cpu: 112 }, absent: {} } } })
    expect(svg.match(/<rect [^>]*>/g)).toEqual([
      '<rect x="170" y="50" width="255" height="18" class="ours"/>',
      '<rect x="170" y="74" width="510" height="18"/>',
    ])
    expect(svg).toContain('&lt;a> &amp; b</text>')
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [\s\S]*<\/svg>\n$/)
  })

  test('has a bar of no width less than nothing', () => {
    const svg = picture({ latency: { targets: { direct: { added: 0 }, sidecar: { added: -0.1 } } } })
    expect(svg.match(/ width="[^"]*" height="18"/g)).toEqual([' width="1" height="18"'])
  })
})

describe('the page', () => {
  test('has the place that figures are written into', () => {
    const text = replaced(readFileSync(join(root, 'docs/speed.md'), 'utf8'), 'the figures')
    expect(text).toContain('<!-- measured: begin -->\n\nthe figures\n<!-- measured: end -->')
  })

  test('without it is left alone', () => {
    expect(() => replaced('no place', 'the figures')).toThrow('measured: begin')
  })
})
