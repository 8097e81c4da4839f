import type { ConfigFault } from '../errors.js'
import { type Data, isData } from './data.js'
import type { Environment } from './interpolate.js'
import { type Path, pathText } from './path.js'
import { readValue } from './read.js'
import { SCHEMA } from './schema.generated.js'

/** Where a value was written. */
export interface Origin {
  readonly source: string
  readonly line?: number
  readonly column?: number
}

export type Locate = (path: Path) => Origin

/** One source of a configuration, variables filled in: a file, a variable, a flag. */
export interface Layer {
  readonly data: Data
  readonly locate: Locate
  readonly faults: readonly ConfigFault[]
  /** What has its fault already, or cannot be judged. */
  readonly spoiled: readonly Path[]
  isHidden(path: Path): boolean
}

export interface LayerOptions {
  /** For `${NAME}`; `undefined` where texts stand for themselves. */
  readonly env: Environment | undefined
  readonly locate: Locate
  readonly isUnused?: (path: Path) => boolean
}

export function layer(value: unknown, options: LayerOptions): Layer {
  const faults: ConfigFault[] = []
  const spoiled: Path[] = []
  const hidden = new Set<string>()
  const data = readValue(value, SCHEMA, [], {
    env: options.env,
    isUnused: options.isUnused ?? (() => false),
    spoil: (path) => spoiled.push(path),
    fault(path, message) {
      spoiled.push(path)
      faults.push(faultAt(options.locate(path), path, message))
    },
    hide: (path) => hidden.add(pathText(path)),
  })
  return {
    data: isData(data) ? data : {},
    locate: options.locate,
    faults,
    spoiled,
    isHidden: (path) => hidden.has(pathText(path)),
  }
}

export function faultAt(origin: Origin, path: Path, message: string): ConfigFault {
  return { ...origin, path: pathText(path), message }
}
