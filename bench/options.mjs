import { parseArgs } from 'node:util'

export const help = `npm run bench [-- options]
  --quick            every row for a moment, under a minute; tells figures, but no verdict
  --rows=a,b         only these rows
  --peers=a,b        only these peers, where a row has them
  --rounds=N --seconds=N --connections=N
  --retakes=N        how often a row takes a disturbed run again, for each of its peers (2)
  --access-log       with the sidecar's access log on
  --check            ends with 1 when a figure is missed
  --json=FILE        writes what was measured
  --docs             writes it into docs/speed.md and docs/speed.svg
`

const number = (text, otherwise) => (text === undefined ? otherwise : Number(text))
const list = (text) => text?.split(',').map((name) => name.trim())

export function readOptions(args) {
  const text = { type: 'string' }
  const flag = { type: 'boolean', default: false }
  const numbers = { rounds: text, seconds: text, connections: text, retakes: text }
  const flags = { quick: flag, check: flag, 'access-log': flag, docs: flag, help: flag }
  const { values } = parseArgs({ args, options: { ...numbers, ...flags, rows: text, peers: text, json: text } })
  const { quick } = values
  return {
    ...values,
    accessLog: values['access-log'],
    rounds: number(values.rounds, quick ? 1 : 5),
    seconds: number(values.seconds, quick ? 1 : 4),
    connections: number(values.connections, 64),
    retakes: number(values.retakes, quick ? 0 : 2),
    rows: list(values.rows),
    peers: list(values.peers),
  }
}
