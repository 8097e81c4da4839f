/** The value of a `Timeout` header for milliseconds: never more than is left, and never none. */
export function nanoseconds(milliseconds: number): string {
  return String(Math.max(1, Math.floor(milliseconds * 1e6)))
}
