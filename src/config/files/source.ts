import { ConfigError } from '../../errors.js'
import type { ConfigContext } from '../define-config.js'
import type { Path } from '../path.js'
import type { Position } from './position.js'

/** What a configuration file holds. */
export interface Source {
  readonly file: string
  readonly value: unknown
  locate(path: Path): Position | undefined
}

export interface SourceContext {
  /** What a file's function is called with. */
  readonly call: ConfigContext
  /** What `import … from 'micro-sidecar'` gives a file, wherever it lies; asked for by scripts alone. */
  sdk(): unknown
  /** Nothing that was read before may be taken again for what is there now. */
  readonly isFresh: boolean
  /** Hears of each file that this depends on, those among them that should be there and are not. */
  onRead(file: string): void
  /** A file's path as people read it. */
  label(file: string): string
}

export type Loader = (file: string, text: string, context: SourceContext) => Source | Promise<Source>

/** A fault that leaves nothing of a file to look at. */
export function fileFault(label: string, message: string, position?: Position): ConfigError {
  return new ConfigError([{ source: label, ...position, path: '', message }])
}
