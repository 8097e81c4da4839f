// Makes what follows from schemas/micro.schema.json: types, validator, run-time form and documentation.
// `--check` writes nothing and fails where a file differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { documentation } from './schemas/documentation.mjs'
import { runtimeForm } from './schemas/runtime-form.mjs'
import { stripInterpolation } from './schemas/strip-interpolation.mjs'
import { types } from './schemas/types.mjs'
import { validator, validatorTypes } from './schemas/validator.mjs'

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))
const read = (name) => {
  try {
    return readFileSync(path(name), 'utf8')
  } catch {
    return ''
  }
}

const schema = stripInterpolation(JSON.parse(read('schemas/micro.schema.json')))
const files = {
  'src/config/config.generated.ts': await types(schema),
  'src/config/schema.generated.ts': runtimeForm(schema),
  'src/config/validator.generated.js': validator(schema),
  'src/config/validator.generated.d.ts': validatorTypes(),
  'docs/configuration.md': await documentation(schema, read('docs/configuration.md')),
}

const stale = Object.keys(files).filter((name) => read(name) !== files[name])
if (process.argv.includes('--check')) {
  for (const name of stale) process.stderr.write(`${name} is not what the schema gives: run npm run schemas\n`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  for (const name of stale) writeFileSync(path(name), files[name])
}
