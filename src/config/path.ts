/** Keys from the top down; an index of a list is its decimal text. */
export type Path = readonly string[]

/** `client.retries`, `cors[0]`, `services["go.micro.srv.greeter"].retries`. */
export function pathText(path: Path): string {
  return path.map(segmentText).join('')
}

export function startsWith(path: Path, start: Path): boolean {
  return path.length >= start.length && start.every((key, index) => path[index] === key)
}

function segmentText(key: string, index: number): string {
  if (/^\d+$/.test(key)) return `[${key}]`
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `[${JSON.stringify(key)}]`
  return index === 0 ? key : `.${key}`
}
