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

/** Objects may hold themselves, or each other many times over: nobody means more than this. */
const DEEPEST = 64
const MOST = 100_000

export function layer(value: unknown, { env, locate, isUnused = () => false }: LayerOptions): Layer {
  const faults: ConfigFault[] = []
  const spoiled: Path[] = []
  const hidden = new Set<string>()
  let left = MOST
  const fault = (path: Path, message: string) => {
    spoiled.push(path)
    faults.push(faultAt(locate(path), path, message))
  }
  const enter = (path: Path) => {
    left -= 1
    if (left > 0 && path.length <= DEEPEST) return true
    if (left >= 0) fault(path, `nested deeper than ${DEEPEST} levels, in a circle, or more than ${MOST} values`)
    left = -1
    return false
  }
  const data = readValue(value, SCHEMA, [], {
    ...{ env, isUnused, enter, fault },
    spoil: (path) => spoiled.push(path),
    hide: (path) => hidden.add(pathText(path)),
  })
  return { data: isData(data) ? data : {}, locate, faults, spoiled, isHidden: (path) => hidden.has(pathText(path)) }
}

export function faultAt(origin: Origin, path: Path, message: string): ConfigFault {
  return { ...origin, path: pathText(path), message }
}
