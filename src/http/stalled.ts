import type { ServerResponse } from 'node:http'

/** Ends the connection of a caller that takes nothing of its answer for so many milliseconds; 0: never. */
export function cutWhenStalled(response: ServerResponse, milliseconds: number): void {
  if (response.listenerCount('timeout') === 0) response.setTimeout(milliseconds, () => response.destroy())
}
