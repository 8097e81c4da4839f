import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { isData, own } from '../../config/data.js'
import { readingFault } from '../../config/files/read-file.js'
import { fileFault, type Source, type SourceContext } from '../../config/files/source.js'
import { pathText } from '../../config/path.js'
import type { Service } from '../registry.js'
import { readServices } from './service-list.js'

/** Services from a file's text: a list or `{ services: […] }`, in JSON or YAML. Throws a ConfigError. */
export async function servicesIn(file: string, text: string): Promise<readonly Service[]> {
  const source = await parsed(file, text)
  const isWrapped = isData(source.value)
  const list: unknown = isWrapped ? own(source.value, 'services') : source.value
  if (!Array.isArray(list)) {
    throw fileFault(file, 'found no list, allowed: a list of services, or an object with such a list as services')
  }
  return readServices(list, (index) => {
    const path = [...(isWrapped ? ['services'] : []), String(index)]
    return { source: file, ...source.locate(path), path: pathText(path) }
  })
}

/** Throws a ConfigError too. */
export async function readServiceText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw readingFault(file, error, context)
  }
}

/** Parsers are loaded when there is something for them. */
async function parsed(file: string, text: string): Promise<Source> {
  if (extname(file) === '.json') return (await import('../../config/files/json.js')).jsonSource(file, text, context)
  return (await import('../../config/files/yaml.js')).yamlSource(file, text, context)
}

/** Files of data have no code that asks for more. */
const context: SourceContext = {
  call: { profile: undefined, env: {} },
  sdk: () => undefined,
  isFresh: false,
  onRead: () => {},
  label: (file) => file,
}
