import type { ConfigFault } from '../errors.js'

/** Words that start the runtime; `sidecar` is the original's. */
export const STARTING: readonly string[] = ['start', 'sidecar']

/** Starts the runtime with the application as its child. */
export const RUN = 'run'

/** What a command is told by its line. */
export interface CommandLine {
  /** Behind the command's name. */
  readonly words: readonly string[]
  readonly flags: ReadonlyMap<string, string | boolean>
  /** Of the flags. */
  readonly faults: readonly ConfigFault[]
}

export interface Command {
  /** How it is called. */
  readonly usage: string
  /** How many words it takes. */
  readonly least: number
  readonly most: number
  /** The flags of its own. */
  readonly flags: readonly string[]
  load(): Promise<(line: CommandLine) => Promise<number>>
}

/** What speaks to a sidecar that runs; each is loaded when it is called. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map([
  [
    'publish',
    {
      ...{ usage: 'publish TOPIC [BODY]', least: 1, most: 2, flags: [] },
      load: async () => (await import('./publish.js')).publish,
    },
  ],
  [
    'subscribe',
    {
      ...{ usage: 'subscribe TOPIC [--queue=QUEUE]', least: 1, most: 1, flags: ['queue'] },
      load: async () => (await import('./subscribe.js')).subscribe,
    },
  ],
])

/** Commands of later versions: their names are taken, so that a typo is not what people are told of. */
export const LATER: readonly string[] = [
  'list',
  'get',
  'register',
  'deregister',
  'query',
  'health',
  'stats',
  'config',
  'explain',
  'routes',
  'init',
]
