import { readFileSync } from 'node:fs'
import { ConfigError } from '../errors.js'

/** Of one side of a TLS connection: files, or the PEM texts themselves. */
export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** The PEM texts. `path` is the key that they stand under. Throws a ConfigError for a file that cannot be read. */
export function pemTexts(files: TlsFiles, path: string): TlsFiles {
  const texts: { -readonly [name in keyof TlsFiles]: string } = {}
  for (const name of ['ca', 'cert', 'key'] as const) {
    const given = files[name]
    if (given !== undefined) texts[name] = given.includes('-----BEGIN ') ? given : fileText(given, `${path}.${name}`)
  }
  return texts
}

function fileText(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const message = `cannot read '${file}': ${error instanceof Error ? error.message : error}`
    throw new ConfigError([{ source: 'config', path, message }])
  }
}
