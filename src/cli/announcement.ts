import { relative } from 'node:path'
import type { LoadedConfig } from '../config/load.js'
import type { Sidecar } from '../sidecar.js'
import type { Log } from '../telemetry/log.js'
import { createLog } from '../telemetry/stream-log.js'
import { version } from '../version.js'
import { hintLines } from './hint.js'
import { palette } from './terminal.js'

/** Says on standard output that the sidecar listens; on a terminal also what to try. */
export async function announce(sidecar: Sidecar, loaded: LoadedConfig, log: Log): Promise<void> {
  log.flush()
  const facts = factsOf(sidecar, loaded)
  if (loaded.settings.log.format === 'json') {
    const always = createLog({ level: 'info', format: 'json', stream: process.stdout })
    always.info('listening', facts)
    always.flush()
    return
  }
  const paint = palette(process.stdout)
  const details = [facts.handler, facts.namespace, `registry ${facts.registry}`, facts.config, profileOf(facts.profile)]
  const line = `micro-sidecar ${version} listening on ${paint.bold(facts.url)}`
  process.stdout.write(`${line}  ${paint.dim(details.filter((detail) => detail !== undefined).join(' · '))}\n`)
  if (process.stdout.isTTY) process.stdout.write(await hint(sidecar, loaded))
}

function factsOf(sidecar: Sidecar, { settings, file, profile }: LoadedConfig) {
  return {
    url: sidecar.url,
    handler: settings.handler,
    namespace: settings.namespace,
    registry: sidecar.registry.name,
    config: file === undefined ? undefined : relative(process.cwd(), file),
    profile,
    version,
    pid: process.pid,
  }
}

function profileOf(profile: string | undefined): string | undefined {
  return profile === undefined ? undefined : `profile ${profile}`
}

async function hint(sidecar: Sidecar, { settings, file }: LoadedConfig): Promise<string> {
  const services = await sidecar.registry.listServices().catch(() => [])
  const guarded = settings.auth.token !== undefined
  const { handler, namespace } = settings
  const paint = palette(process.stdout)
  const commands = hintLines({ url: sidecar.url, handler, namespace, services, guarded })
  const title = services.length === 0 ? 'Try (nothing is registered yet):' : 'Try:'
  const notes = file === undefined ? [DEFAULTS, STOP] : [STOP]
  const lines = [title, ...commands.map((command) => `  ${paint.cyan(command)}`), '', ...notes.map(paint.dim)]
  return `\n${lines.map((line) => (line === '' ? '\n' : `  ${line}\n`)).join('')}\n`
}

const DEFAULTS = 'No configuration was found: the defaults hold, and a micro.config.ts here changes them.'
const STOP = 'Ctrl-C stops it.'
