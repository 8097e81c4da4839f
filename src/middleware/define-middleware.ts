import type { MomentMiddleware } from './middleware.js'

/** Returns its argument: it is there for the editor and the compiler. */
export function defineMiddleware(middleware: MomentMiddleware): MomentMiddleware {
  return middleware
}
