import { allowedText } from './allowed.js'
import { type Data, isData, setOwn } from './data.js'
import { readLive } from './live.js'
import type { Path } from './path.js'
import { checkAmount, type Reading, readText } from './read-text.js'
import { child, type SchemaNode } from './schema.js'
import { shown } from './shown.js'

/** A copy with variables filled in; live values stay the user's own objects. What cannot be read is a fault. */
export function readValue(value: unknown, node: SchemaNode | undefined, path: Path, reading: Reading): unknown {
  if (!reading.enter(path)) return undefined
  if (node?.live !== undefined) {
    return readLive(value, node, path, reading, (options) => readData(options, node, path, reading))
  }
  if (typeof value === 'string') return readText(value, node, path, reading)
  if (typeof value === 'number') return checkAmount(value, node, path, reading)
  if (Array.isArray(value)) return readList(value, node, path, reading)
  if (isData(value)) return readData(value, node, path, reading)
  if (typeof value === 'object' && value !== null && node !== undefined) {
    reading.fault(path, `found ${shown(value)}, allowed: ${allowedText(node)}`)
  }
  return value
}

/** The members of an object; `undefined` ones count as absent. */
function readData(data: Data, node: SchemaNode | undefined, path: Path, reading: Reading): Data {
  const result: Data = {}
  const isOpen = node === undefined || node.live !== undefined
  for (const key of Object.keys(data)) {
    const [value, known] = [data[key], child(node, key)]
    if (value === undefined) continue
    const isClosed = (known === undefined && !isOpen) || (known?.available === false && node?.live === undefined)
    setOwn(result, key, isClosed ? value : readValue(value, known, [...path, key], reading))
  }
  return result
}

function readList(list: readonly unknown[], node: SchemaNode | undefined, path: Path, reading: Reading): unknown[] {
  return list.map((value, index) => readValue(value, child(node, String(index)), [...path, String(index)], reading))
}
