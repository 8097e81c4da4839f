import { ConfigError } from '../../errors.js'
import type { ConfigContext } from '../define-config.js'
import type { Path } from '../path.js'
import type { Position } from './position.js'

/** What a configuration file holds. */
export interface Source {
  readonly file: string
  readonly value: unknown
  /** This file and those it imports. */
  readonly files: readonly string[]
  locate(path: Path): Position | undefined
}

export interface SourceContext {
  /** What a file's function is called with. */
  readonly call: ConfigContext
  /** What `import … from 'micro-sidecar'` gives a file, wherever it lies; asked for by scripts alone. */
  sdk(): unknown
  /** A file's path as people read it. */
  label(file: string): string
}

export type Loader = (file: string, text: string, context: SourceContext) => Source | Promise<Source>

/** A fault that leaves nothing of a file to look at. */
export function fileFault(label: string, message: string, position?: Position): ConfigError {
  return new ConfigError([{ source: label, ...position, path: '', message }])
}
