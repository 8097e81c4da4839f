import { basename } from 'node:path'
import type { TransformOptions, TransformResult } from 'jiti'
import { loadJiti } from './jiti.js'
import { TranspilerProcess } from './transpiler-process.js'

export interface Script {
  readonly filename: string
  readonly source: string
  readonly ts: boolean
}

/** What jiti asks for each module that Node cannot run as it is. */
export type Transpile = (options: TransformOptions) => TransformResult

/** Shared by all that is loaded, since a process takes longer to start than to transpile. */
let current: TranspilerProcess | undefined

/** Starts the process, so that it is ready when scripts are known. Where there can be none, there is none. */
export function startTranspiler(): TranspilerProcess | undefined {
  if (current !== undefined && !current.isOver) return current
  try {
    // Another name is a program that has Node in it, and would start itself.
    current = basename(process.execPath).startsWith('node') ? new TranspilerProcess() : undefined
  } catch {
    current = undefined
  }
  return current
}

/** Transpiles these in the process. What it cannot do, or is not among them, is done here when it is asked for. */
export async function transpiled(scripts: readonly Script[]): Promise<Transpile> {
  const questions = scripts.map((script) => ({ ...script, async: true, interopDefault: false }))
  const codes = questions.length === 0 ? [] : ((await startTranspiler()?.transform(questions)) ?? [])
  const ready = new Map(scripts.map(({ filename, source }, at) => [filename, { source, code: codes[at] }]))
  return (options) => {
    const { source, code } = ready.get(options.filename ?? '') ?? {}
    const isSame = source === options.source && options.async === true
    return { code: isSame && typeof code === 'string' ? code : transpileHere(options) }
  }
}

function transpileHere(options: TransformOptions): string {
  return loadJiti()
    .createJiti(import.meta.url, { fsCache: false })
    .transform(options)
}
