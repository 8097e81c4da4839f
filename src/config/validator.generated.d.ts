// Made by npm run schemas from schemas/micro.schema.json.
import type { MicroConfig } from './config.generated.js'

declare const validate: {
  (data: unknown): data is MicroConfig
  errors?: readonly ValidatorError[] | null
}
export default validate

export interface ValidatorError {
  /** A JSON pointer. */
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}
