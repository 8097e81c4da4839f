/** Words that start the runtime; `sidecar` is the original's. */
export const STARTING: readonly string[] = ['start', 'sidecar']

/** Starts the runtime with the application as its child. */
export const RUN = 'run'

/** Commands of later versions: their names are taken, so that a typo is not what people are told of. */
export const LATER: readonly string[] = [
  'list',
  'get',
  'register',
  'deregister',
  'query',
  'health',
  'stats',
  'publish',
  'subscribe',
  'config',
  'explain',
  'routes',
  'init',
]
