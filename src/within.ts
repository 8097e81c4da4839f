/** What had so many milliseconds, and needed more. */
export class TooLate extends Error {}

/** What `work` comes to, or a rejection once `limit` milliseconds have passed. */
export function within<T>(limit: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const patience = Math.max(0, limit)
    const timer = setTimeout(() => reject(new TooLate(`no answer within ${Math.round(patience)} ms`)), patience)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
