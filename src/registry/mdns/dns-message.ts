/** The types of record that discovery needs, and the question for all of them. */
export const TYPE = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, ANY: 255 } as const

/** The one class there is; in a question its top bit asks for an answer to the asker alone. */
export const CLASS_IN = 1

export interface DnsQuestion {
  /** Labels joined with dots, without the last dot. Compared as it is written: so does go-micro. */
  readonly name: string
  readonly type: number
  readonly class: number
}

interface Record<Type extends keyof typeof TYPE> {
  readonly type: Type
  readonly name: string
  /** Seconds; 0 withdraws the record. */
  readonly ttl: number
}

export type PtrRecord = Record<'PTR'> & { readonly target: string }
export type SrvRecord = Record<'SRV'> & { readonly target: string; readonly port: number }
export type TxtRecord = Record<'TXT'> & { readonly strings: readonly string[] }
export type AddressRecord = Record<'A' | 'AAAA'> & { readonly address: string }
export type DnsRecord = PtrRecord | SrvRecord | TxtRecord | AddressRecord

export interface DnsMessage {
  readonly id: number
  readonly isResponse: boolean
  readonly questions: readonly DnsQuestion[]
  /** Of the answer and the additional section, of the known types. */
  readonly records: readonly DnsRecord[]
}

/** What a name and its labels may be long, in bytes. */
export const LONGEST_LABEL = 63
export const LONGEST_NAME = 255

/** Whether a text can stand in a message as a name. */
export function isDnsName(name: string): boolean {
  const labels = name.split('.').map((label) => Buffer.byteLength(label))
  if (labels.some((length) => length < 1 || length > LONGEST_LABEL)) return false
  return labels.reduce((sum, length) => sum + length + 1, 1) <= LONGEST_NAME
}
