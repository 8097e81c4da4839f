import { checkJson } from '../../json/check-json.js'
import { sourceLocator } from './locate.js'
import { positionAt } from './position.js'
import { fileFault, type Source, type SourceContext } from './source.js'

export function jsonSource(file: string, text: string, context: SourceContext): Source {
  const json = text.replace(/^\uFEFF/, '')
  const bytes = Buffer.from(json)
  const fault = checkJson(bytes)
  if (fault !== undefined) {
    const position = positionAt(json, bytes.subarray(0, fault.offset).toString().length)
    throw fileFault(context.label(file), `no valid JSON: ${fault.message}`, position)
  }
  return { file, value: JSON.parse(json), locate: sourceLocator(json) }
}

/** The key `micro` of a package.json; its value is `undefined` where there is none. */
export function packageSource(file: string, text: string, context: SourceContext): Source {
  const { value, locate } = jsonSource(file, text, context)
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, 'micro')
  const micro: unknown = isObject ? Reflect.get(value, 'micro') : undefined
  if (micro !== undefined) context.onRead(file)
  return { file, value: micro, locate: (path) => locate(['micro', ...path]) }
}
