// Bars for the documentation, as SVG.
import { number } from './numbers.mjs'

const panels = [
  { row: 'proxy', key: 'cpu', title: 'Proxied GET: CPU µs a request (less is better)', digits: 0 },
  { row: 'rpc', key: 'cpu', title: 'rpc POST: CPU µs a request (less is better)', digits: 0 },
  { row: 'latency', key: 'added', title: 'Latency added at the 99th percentile, ms (less is better)', digits: 2 },
  { row: 'download', key: 'megabytes', title: '10 MB downloads: MB/s (more is better)', digits: 0 },
  { row: 'websocket', key: 'cpu', title: 'WebSocket: CPU µs a round trip (less is better)', digits: 0 },
]
const size = { width: 760, left: 170, right: 80, bar: 18, step: 24, head: 34, gap: 16 }

const style = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  rect { fill: #8c959f }
  .ours { fill: #1a7f37 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } rect { fill: #6e7681 } .ours { fill: #3fb950 } }
`

/** Only of the rows that there are; peers without the figure are left out. */
export function picture(results) {
  let top = size.gap
  const drawn = panels
    .filter(({ row }) => results[row] !== undefined)
    .map((panel) => {
      const bars = barsOf(panel, results[panel.row])
      const part = drawPanel(panel, bars, top)
      top += size.head + bars.length * size.step + size.gap
      return part
    })
  const frame = `xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${top}" viewBox="0 0 ${size.width} ${top}"`
  return `<svg ${frame} role="img">\n<style>${style}</style>\n${drawn.join('\n')}\n</svg>\n`
}

function barsOf({ row, key }, { targets }) {
  const bars = Object.entries(targets).map(([name, target]) => ({ name, value: target[key] }))
  return bars.filter(({ name, value }) => Number.isFinite(value) && !(row === 'latency' && name === 'direct'))
}

function drawPanel({ title, digits }, bars, top) {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)
  const room = size.width - size.left - size.right
  const lines = bars.map(({ name, value }, index) => {
    const y = top + size.head + index * size.step
    const width = Math.max(1, Math.round((Math.max(0, value) / most) * room))
    const base = y + size.bar - 4
    return [
      `<text x="${size.left - 10}" y="${base}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${size.left}" y="${y}" width="${width}" height="${size.bar}"${name === 'sidecar' ? ' class="ours"' : ''}/>`,
      `<text x="${size.left + width + 8}" y="${base}">${number(value, digits)}</text>`,
    ].join('\n')
  })
  return [`<text class="title" x="10" y="${top + 16}">${escaped(title)}</text>`, ...lines].join('\n')
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
