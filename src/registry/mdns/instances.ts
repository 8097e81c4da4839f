import type { DnsRecord } from './dns-message.js'

/** What a message says of one instance. */
export interface Instance {
  readonly name: string
  /** Seconds; 0: it goes. */
  readonly ttl: number
  /** Where it is; absent from what only withdraws. */
  readonly place: { readonly address: string; readonly port: number } | undefined
  /** The strings of its TXT record, joined. */
  readonly text: string
}

/** The instances that a message withdraws, and those of which it says all that is needed. */
export function instancesOf(records: readonly DnsRecord[]): readonly Instance[] {
  const texts = new Map<string, string>()
  const addresses = new Map<string, string>()
  const gone = new Set<string>()
  for (const record of records) {
    if (record.type === 'TXT') texts.set(record.name, record.strings.join(''))
    else if (record.ttl === 0 && record.type === 'PTR') gone.add(record.target)
    else if (record.ttl === 0 && record.type === 'SRV') gone.add(record.name)
    else if ('address' in record && isBetter(record, addresses)) addresses.set(record.name, record.address)
  }
  const found = records.flatMap((record) => {
    if (record.type !== 'SRV' || record.ttl === 0 || record.port === 0) return []
    const [address, text] = [addresses.get(record.target), texts.get(record.name)]
    if (address === undefined || text === undefined) return []
    return { name: record.name, ttl: record.ttl, place: { address, port: record.port }, text }
  })
  return [...Array.from(gone, (name) => ({ name, ttl: 0, place: undefined, text: '' })), ...found]
}

/** The names in an answer to the question for all services, asked as one of `listings`. */
export function listedNames(records: readonly DnsRecord[], listings: readonly string[]): readonly string[] {
  return records.flatMap((record) => {
    if (record.type !== 'PTR' || record.ttl === 0 || !listings.includes(record.name)) return []
    return record.target.endsWith(`.${record.name}`) ? record.target.slice(0, -record.name.length - 1) : []
  })
}

/** The first address, of IPv4 where there is one: as go-micro chooses. What leads nowhere by itself is none. */
function isBetter({ type, name, address }: DnsRecord & { address: string }, known: ReadonlyMap<string, string>) {
  if (nowhere.test(address)) return false
  const before = known.get(name)
  return before === undefined || (type === 'A' && before.includes(':'))
}

const nowhere = /^(?:0\.0\.0\.0$|::$|fe[89ab])/i
