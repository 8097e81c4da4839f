import { parseArguments } from '../config/arguments.js'
import { nearest } from '../config/nearest.js'
import { quoted } from '../config/shown.js'
import { ConfigError, type ConfigFault } from '../errors.js'
import { COMMANDS, type Command, LATER, RUN, STARTING } from './commands.js'
import { faultReport } from './fault-report.js'
import { palette } from './terminal.js'

/** Does what the words of a command line ask for. The exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function main(argv: readonly string[]): Promise<number> {
  const { command = 'start', positionals, afterDashes, flags, faults } = parseArguments(argv)
  if (flags.get('help') === true || command === 'help') return print((await import('./help.js')).helpText())
  if (flags.get('version') === true || command === 'version')
    return print(`${(await import('../version.js')).version}\n`)
  const asking = COMMANDS.get(command)
  if (asking === undefined && command !== RUN && !STARTING.includes(command)) return refuse(unknownCommand(command))
  const own = misplaced(asking, command, flags)
  try {
    if (asking !== undefined) {
      const words = [...positionals, ...afterDashes]
      const act = await asking.load()
      return await act({ words, flags, faults: [...faults, ...own, ...wrongCount(asking, words)] })
    }
    const found = [...faults, ...own, ...positionals.map((word) => strayWord(word, command))]
    if (command === RUN) return await (await import('./run.js')).run(flags, found, afterDashes)
    const { start } = await import('./start.js')
    return await start(flags, [...found, ...afterDashes.slice(0, 1).map((word) => strayWord(word, command))])
  } catch (error) {
    if (error instanceof ConfigError) return refuse(faultReport(error.faults, palette(process.stderr)))
    throw error
  }
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function refuse(text: string): number {
  process.stderr.write(text)
  return 2
}

function unknownCommand(name: string): string {
  if (LATER.includes(name)) return `micro-sidecar: the command ${name} is not available in this version\n`
  const near = nearest(name, [...STARTING, RUN, ...COMMANDS.keys()])
  const hint = near === undefined ? '--help lists the known ones' : `did you mean ${quoted(near)}?`
  return `micro-sidecar: unknown command ${quoted(name)}, ${hint}\n`
}

/** Flags that belong to another command. */
function misplaced(command: Command | undefined, name: string, flags: ReadonlyMap<string, unknown>): ConfigFault[] {
  const others = [...COMMANDS.values()].flatMap((one) => (one === command ? [] : one.flags))
  return others
    .filter((flag) => flags.has(flag) && command?.flags.includes(flag) !== true)
    .map((flag) => ({ source: `flag --${flag}`, path: '', message: `${name} does not take it` }))
}

function wrongCount({ usage, least, most }: Command, words: readonly string[]): ConfigFault[] {
  if (words.length >= least && words.length <= most) return []
  return [{ source: 'command line', path: '', message: `found ${words.length} words, expected: ${usage}` }]
}

function strayWord(word: string, command: string): ConfigFault {
  const rule =
    command === RUN ? 'a program to run stands behind --, as in run -- node app.js' : `${command} takes options only`
  return { source: 'command line', path: '', message: `unexpected ${quoted(word)}: ${rule}` }
}
