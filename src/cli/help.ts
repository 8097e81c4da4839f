import { FLAGS, type Flag, flagNamed } from '../config/flags.js'
import { SCHEMA } from '../config/schema.generated.js'
import { nodeAt } from '../config/schema.js'
import { version } from '../version.js'
import { palette } from './terminal.js'

const paint = palette(process.stdout)

export function helpText(): string {
  return `${paint.bold('micro-sidecar')} ${version}, a programmable sidecar proxy

${paint.bold('Usage')}  micro-sidecar [start] [options]
       micro-sidecar run [options] -- PROGRAM [ARGUMENTS]
       micro-sidecar publish TOPIC [BODY] · subscribe TOPIC [--queue=QUEUE]

  start      Starts the sidecar as micro.config.ts says (or .js, .json, .yaml), found in this folder
             or above it. Without one the defaults hold. ${paint.dim('`sidecar`, the original word,')}
             ${paint.dim('is the same.')}
  run        The same with the application as its child: registers it once it is well, hands signals
             on, and ends with its exit code. The program finds the sidecar in MICRO_SIDECAR_URL.
  publish    Publishes a message through a sidecar that runs: BODY, or what standard input holds.
  subscribe  Prints the body of each message of a topic, one a line.
${GROUPS.map(([title, names]) => group(title, names)).join('')}
  Dashes and underscores are the same, and so are --x=y and --x y. Each option is also read from
  a variable: --client-retries from MICRO_CLIENT_RETRIES. The later wins: defaults, file, profile,
  variables, options.

${paint.bold('Examples')}
${EXAMPLES.map(([line, what]) => `  ${paint.cyan(line.padEnd(56))}${what}`).join('\n')}

${paint.bold('Exit codes')}  0 done (also after a signal) · 1 failed while running · 2 wrong usage or configuration
            run: the application's own, 128 + n after signal n, 127 where there is no such program

  Every key of the configuration is described in schemas/micro.schema.json, beside this program,
  and in docs/configuration.md of its repository.
`
}

const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Configuration', ['config', 'profile', 'watch']],
  ['Sidecar', ['address', 'handler', 'namespace', 'registry', 'registry_address', 'cors', 'token-file']],
  ['Messages', ['broker', 'broker_address', 'queue']],
  ['Commands', ['proxy_address']],
  ['Application', ['server_name', 'server_address', 'healthcheck_url', 'register_ttl', 'register_interval']],
  ['Calls', ['client_request_timeout', 'client_retries', 'selector', 'client_pool_size', 'client_pool_ttl']],
  ['Log', ['log-level', 'log-format']],
  ['More', ['version', 'help']],
]

const EXAMPLES = [
  ['micro-sidecar', 'as the configuration says'],
  ['micro-sidecar --address=:8081 --handler=proxy', 'a reverse proxy for every interface'],
  ['micro-sidecar --profile=production --log-format=json', 'with the profile laid over'],
  ['micro-sidecar run -- node app.js', 'with the application as its child'],
  ['micro-sidecar subscribe orders', 'what is published there, as it comes'],
] as const

/** Flags that do something in this version. */
export const availableFlags: readonly Flag[] = FLAGS.filter(
  ({ isLater, path }) => !isLater && (path ?? []).every((_, end) => isAvailable(path?.slice(0, end + 1) ?? [])),
)

function isAvailable(path: readonly string[]): boolean {
  const node = nodeAt(SCHEMA, path)
  return node?.available !== false
}

function group(title: string, names: readonly string[]): string {
  const rows = names
    .map(flagNamed)
    .filter((flag) => flag !== undefined)
    .map(row)
  return `\n${paint.bold(title)}\n${rows.join('')}`
}

function row({ name, argument, description }: Flag): string {
  const [first = '', ...more] = wrapped(description, WIDTH - INDENT)
  const head = `  --${`${name.replaceAll('_', '-')} ${argument}`.padEnd(INDENT - 4)}${first}\n`
  return head + more.map((line) => `${' '.repeat(INDENT)}${line}\n`).join('')
}

const WIDTH = 96
const INDENT = 38

function wrapped(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line.length + word.length + 1 > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}
