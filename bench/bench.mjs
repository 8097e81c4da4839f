// The built sidecar against its peers, all in the same run, interleaved, medians. See docs/speed.md.
import { existsSync, writeFileSync } from 'node:fs'
import { judged } from './goals.mjs'
import { leaveTestedCore } from './machine/cores.mjs'
import { stopAll } from './machine/processes.mjs'
import { help, readOptions } from './options.mjs'
import { cli } from './peers/sidecar.mjs'
import { writeDocs } from './report/docs.mjs'
import { goalLines } from './report/goal-lines.mjs'
import { headLines } from './report/head.mjs'
import { textTable } from './report/tables.mjs'
import { allRows } from './rows/rows.mjs'

const options = readOptions(process.argv.slice(2))
/** Milliseconds, after which a quick run begins no further row. */
const quickLimit = 45_000
const print = (lines) => process.stdout.write(`${lines.join('\n')}\n\n`)

leaveTestedCore()
process.once('SIGINT', () => stopAll().then(() => process.exit(130)))
try {
  process.exitCode = options.help ? showHelp() : await main()
} finally {
  await stopAll()
}

function showHelp() {
  process.stdout.write(help)
  return 0
}

/** The exit code. */
async function main() {
  if (!existsSync(cli)) throw new Error('nothing is built: npm run build')
  const head = headLines(options)
  print(head)
  const results = {}
  const bench = { options, results, peersOf }
  for (const { name, run, ...about } of chosenRows()) {
    if (options.quick && performance.now() > quickLimit) {
      print([`${about.title}: left out, this quick run has been slow`])
      continue
    }
    results[name] = { ...about, ...(await run(bench)) }
    print(textTable(results[name]))
  }
  const goals = judged(results)
  print(goalLines(goals, options.quick))
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ head, results, goals }, null, 2))
  if (options.docs) writeDocs({ head, results, goals })
  return failed(goals) ? 1 : 0
}

function chosenRows() {
  const unknown = (options.rows ?? []).filter((name) => !allRows.some((row) => row.name === name))
  if (unknown.length > 0) throw new Error(`no such row: ${unknown}; there are ${allRows.map(({ name }) => name)}`)
  return allRows.filter(({ name }) => options.rows?.includes(name) ?? true)
}

/** Of those that a row has. In a hurry most rows make do with a few. */
function peersOf(names, everyPeer = false) {
  const few = options.quick && !everyPeer ? ['direct', 'http-proxy', 'nginx'] : names
  const wanted = options.peers ?? few
  return names.filter((name) => name === 'sidecar' || wanted.includes(name))
}

/** A quick run gives no verdict on speed, but an answer that is wrong is wrong at any speed. */
function failed(goals) {
  const judgedOn = goals.filter(({ what }) => options.check || (options.quick && what === 'wrong answers'))
  return judgedOn.some(({ reached, missing }) => !reached && !missing)
}
