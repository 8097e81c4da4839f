import { ConfigError, type ConfigFault } from '../errors.js'
import { start } from './start.js'

/** Starts the sidecar with the application as its child; without a program behind `--` that of the configuration. */
export function run(
  flags: ReadonlyMap<string, string | boolean>,
  faults: readonly ConfigFault[],
  program: readonly string[],
): Promise<number> {
  return start(flags, faults, (settings) => {
    const command = program.length > 0 ? program : settings.app.command
    if (command === undefined) throw new ConfigError([{ source: 'command line', path: '', message: NOTHING }])
    return { ...settings, app: { ...settings.app, command } }
  })
}

const NOTHING = 'run starts a program, and there is none: micro-sidecar run -- node app.js, or app.command'
