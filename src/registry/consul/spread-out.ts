import { pause } from './blocking-query.js'

/** Milliseconds over which the work is spread, so that it does not come in one burst. */
const spread = 2000
const mostBetween = 100
const pauseAfterFailure = 1000
const mostAtOnce = 8

/** Does the work for each; once more where it says false. */
export async function spreadOut<T>(
  items: readonly T[],
  work: (item: T) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const left = [...items]
  const between = Math.min(spread / left.length, mostBetween)
  const begun = performance.now()
  let started = 0
  const worker = async () => {
    for (let item = left.shift(); item !== undefined && !signal.aborted; item = left.shift()) {
      await pause(begun + started++ * between - performance.now(), signal)
      if (signal.aborted || (await work(item))) continue
      left.push(item)
      await pause(pauseAfterFailure, signal)
    }
  }
  await Promise.all(Array.from({ length: mostAtOnce }, worker))
}
