import { type ErrorReason, MicroError, wordsOf } from '../../errors.js'

/** Whose errors these are. */
export const id = 'go.micro.broker'

export function refusal(code: number, detail: string, reason: ErrorReason = 'bad_request'): MicroError {
  return new MicroError(id, code, detail, { reason })
}

export function asMicroError(error: unknown): MicroError {
  if (error instanceof MicroError) return error
  return new MicroError(id, 500, wordsOf(error), { reason: 'internal', cause: error })
}
