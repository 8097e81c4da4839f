import { MicroError } from '../../src/errors.js'

/** The MicroError that `run` throws; anything else fails the test. */
export function caught(run: () => unknown): MicroError {
  try {
    run()
  } catch (error) {
    if (error instanceof MicroError) return error
    throw error
  }
  throw new Error('expected a MicroError')
}
