import { isIPv6 } from 'node:net'
import { CLASS_IN, type DnsQuestion, type DnsRecord, TYPE } from './dns-message.js'

/** Names must be such as `isDnsName` takes. */
export function writeQuery(questions: readonly DnsQuestion[]): Buffer {
  return Buffer.concat([header(0, 0, questions.length, 0), ...questions.map(question)])
}

/** Newer go-micro drops an answer that does not repeat what was asked. */
export function writeResponse(id: number, questions: readonly DnsQuestion[], records: readonly DnsRecord[]): Buffer {
  const head = header(id, authoritativeResponse, questions.length, records.length)
  return Buffer.concat([head, ...questions.map(question), ...records.map(record)])
}

const authoritativeResponse = 0x8400

function header(id: number, flags: number, questions: number, answers: number): Buffer {
  return numbers(id, flags, questions, answers, 0, 0)
}

function question({ name, type, class: place }: DnsQuestion): Buffer {
  return Buffer.concat([nameBytes(name), numbers(type, place)])
}

function record(record: DnsRecord): Buffer {
  const data = dataOf(record)
  const ttl = numbers(record.ttl >>> 16, record.ttl & 0xffff)
  return Buffer.concat([nameBytes(record.name), numbers(TYPE[record.type], CLASS_IN), ttl, numbers(data.length), data])
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'PTR') return nameBytes(record.target)
  if (record.type === 'TXT') return Buffer.concat(record.strings.map((text) => withLength(Buffer.from(text, 'latin1'))))
  if (record.type === 'SRV') return Buffer.concat([numbers(priority, weight, record.port), nameBytes(record.target)])
  return addressBytes(record.address)
}

/** As go-micro writes them, and nobody reads. */
const priority = 10
const weight = 1

function nameBytes(name: string): Buffer {
  return Buffer.concat([...name.split('.').map((label) => withLength(Buffer.from(label))), Buffer.of(0)])
}

function withLength(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = dotted(address).split('::')
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = tail === undefined ? [] : Array<number>(8 - before.length - after.length).fill(0)
  return numbers(...before, ...zeros, ...after)
}

/** `::ffff:192.0.2.1` with its last four bytes as two groups. */
function dotted(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  values.forEach((value, i) => {
    bytes.writeUInt16BE(value, 2 * i)
  })
  return bytes
}
