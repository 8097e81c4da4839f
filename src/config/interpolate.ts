/** The environment of a process, or what stands for it. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Interpolated {
  readonly text: string
  /** The variables that were named. */
  readonly names: readonly string[]
  /** Those of them that are not set and have no default. */
  readonly missing: readonly string[]
  /** The first `${` that is neither `${NAME}` nor `${NAME:-default}`. */
  readonly malformed: string | undefined
}

const REFERENCE = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g

/** Fills `${NAME}` and `${NAME:-default}` (also for an empty variable); `$${` stands for `${` itself. */
export function interpolate(text: string, env: Environment): Interpolated {
  const names: string[] = []
  const missing: string[] = []
  let malformed: string | undefined
  const filled = text.replace(
    REFERENCE,
    (match, name: string | undefined, fallback: string | undefined, at: number) => {
      if (match === '$${') return '${'
      if (name === undefined) {
        malformed ??= text.slice(at, at + 20)
        return match
      }
      names.push(name)
      const value = Object.hasOwn(env, name) ? env[name] : undefined
      if (value !== undefined && (value !== '' || fallback === undefined)) return value
      if (fallback === undefined) missing.push(name)
      return fallback ?? ''
    },
  )
  return { text: filled, names, missing, malformed }
}
