import { ADDRCONFIG, promises } from 'node:dns'

/** What DNS says. An answer without records is an empty list; no answer at all rejects. */
export interface NameResolver {
  addresses(name: string): Promise<readonly string[]>
  services(name: string): Promise<readonly ServiceRecord[]>
}

export interface ServiceRecord {
  /** The host's name. */
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

/** As every program of this machine finds names: with its hosts file and search domains. */
export function systemResolver(): NameResolver {
  const resolver = new promises.Resolver({ timeout: 2000, tries: 2 })
  return {
    addresses: (name) =>
      orNothing(promises.lookup(name, { all: true, hints: ADDRCONFIG })).then((found) =>
        found.map(({ address }) => address),
      ),
    services: (name) => orNothing(resolver.resolveSrv(name)),
  }
}

/** That there is no such name, or that it has no such records, is an answer. */
async function orNothing<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOTFOUND' || code === 'ENODATA') return []
    throw error
  }
}
