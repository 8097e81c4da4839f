import { readFileSync } from 'node:fs'
import { deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeRecords } from '../../src/registry/mdns/answers.js'
import { type DnsRecord, isDnsName, TYPE } from '../../src/registry/mdns/dns-message.js'
import { instancesOf, listedNames } from '../../src/registry/mdns/instances.js'
import { NodeTextReader, writeNodeText } from '../../src/registry/mdns/node-text.js'
import { OwnNode } from '../../src/registry/mdns/own-node.js'
import { readMessage } from '../../src/registry/mdns/read-message.js'
import { writeQuery, writeResponse } from '../../src/registry/mdns/write-message.js'
import { instanceId } from '../../src/registry/mdns/zone.js'
import type { Service } from '../../src/registry/registry.js'

/** Answers of real go-micro processes. */
const goMicro: Record<string, string> = JSON.parse(
  readFileSync(new URL('../fixtures/mdns/go-micro.json', import.meta.url), 'utf8'),
)

const greeter: Service = {
  name: 'go.micro.srv.greeter',
  version: '1.2.3',
  metadata: {},
  endpoints: [
    {
      name: 'Say.Hello',
      request: { name: 'Request', type: 'Request', values: null },
      response: null,
      metadata: { stream: 'false' },
    },
  ],
  nodes: [{ id: 'greeter-1', address: '10.77.0.1', port: 9090, metadata: { server: 'x' } }],
}

const domains = ['micro', 'local']
const reader = new NodeTextReader()
const place = { address: '10.0.0.1', port: 80 }

function hex(value: unknown): string {
  return deflateSync(typeof value === 'string' ? value : JSON.stringify(value)).toString('hex')
}

describe('what go-micro sends', () => {
  it.each(Object.entries(goMicro))('%s is read byte for byte', (version, bytes) => {
    const [instance] = instancesOf(readMessage(Buffer.from(bytes, 'hex'))?.records ?? [])
    expect(instance).toMatchObject({ ttl: 120, place: { address: '10.77.0.1', port: 9090 } })
    const service = reader.read(instance?.text ?? '', place, (name) => instanceId(instance?.name ?? '', name, domains))
    const metadata = version.startsWith('go-micro 0') ? { server: 'x' } : { protocol: 'mucp', server: 'x' }
    expect(JSON.parse(JSON.stringify(service))).toEqual({
      ...greeter,
      nodes: [{ id: 'greeter-1', ...place, metadata }],
    })
  })

  it('is what this sidecar sends, but for the compression', () => {
    const [node] = greeter.nodes
    const own = new OwnNode(greeter, node ?? expect.fail(), ['10.77.0.1'])
    const sent = readMessage(writeResponse(0, [], nodeRecords(own, 'local', 120)))
    const theirs = readMessage(Buffer.from(goMicro['go-micro 0.4.0'] ?? '', 'hex'))
    const shape = (records: readonly DnsRecord[] = []) =>
      records.map(({ type, name, ttl }) => [type, type === 'A' ? 'the host' : name, ttl])
    expect(shape(sent?.records)).toEqual(shape(theirs?.records))
    const json = (records: readonly DnsRecord[] = []) =>
      records.flatMap((record) =>
        record.type === 'TXT' ? inflateSync(Buffer.from(record.strings.join(''), 'hex')).toString() : [],
      )
    expect(JSON.parse(json(sent?.records)[0] ?? '')).toEqual(JSON.parse(json(theirs?.records)[0] ?? ''))
  })

  it('empty lists and maps are null in its JSON, strings have up to 255 characters of lower-case hex', () => {
    const node = { id: 'a', address: '10.0.0.1', port: 1, metadata: {} }
    const text = writeNodeText({ ...greeter, version: '', endpoints: [] }, node)
    const json = inflateSync(Buffer.from(text.join(''), 'hex')).toString()
    expect(json).toBe('{"Service":"go.micro.srv.greeter","Version":"","Endpoints":null,"Metadata":null}')
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, String(Math.sin(i))]))
    const long = writeNodeText(greeter, { ...node, metadata })
    expect(long.length).toBeGreaterThan(2)
    expect(long.slice(0, -1).every((one) => /^[0-9a-f]{255}$/.test(one))).toBe(true)
  })
})

describe('messages', () => {
  const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => text.replaceAll('.', '-'))
  const name = fc
    .array(label, { minLength: 1, maxLength: 4 })
    .map((labels) => labels.join('.'))
    .filter(isDnsName)
  const ttl = fc.nat()
  const record: fc.Arbitrary<DnsRecord> = fc.oneof(
    fc.record({ type: fc.constant('PTR' as const), name, ttl, target: name }),
    fc.record({ type: fc.constant('SRV' as const), name, ttl, target: name, port: fc.nat(65_535) }),
    fc.record({
      type: fc.constant('TXT' as const),
      name,
      ttl,
      strings: fc.array(fc.stringMatching(/^[0-9a-f]{0,255}$/)),
    }),
    fc.record({ type: fc.constant('A' as const), name, ttl, address: fc.ipV4() }),
    fc.record({ type: fc.constant('AAAA' as const), name, ttl, address: fc.ipV6() }),
  )
  const question = fc.record({ name, type: fc.constantFrom(...Object.values(TYPE)), class: fc.constant(1) })

  it('are read as they were written', () => {
    const canonical = (one: DnsRecord) =>
      one.type === 'AAAA' ? { ...one, address: new URL(`http://[${one.address}]`).hostname.slice(1, -1) } : one
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), fc.array(question, { maxLength: 3 }), (records, questions) => {
        const message = readMessage(writeResponse(7, questions, records))
        expect(message).toEqual({ id: 7, isResponse: true, questions, records: records.map(canonical) })
        expect(readMessage(writeQuery(questions))).toEqual({ id: 0, isResponse: false, questions, records: [] })
      }),
      { seed: 4, numRuns: 300 },
    )
  })

  it('S21: whatever bytes come, nothing is thrown', () => {
    const valid = [...Object.values(goMicro).map((text) => Buffer.from(text, 'hex'))]
    const damaged = fc
      .tuple(fc.constantFrom(...valid), fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 8 }), fc.nat(500))
      .map(([bytes, changes, length]) => {
        const copy = Buffer.from(bytes)
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value
        return copy.subarray(0, Math.max(length, 12))
      })
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      damaged,
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        for (const { name: instance, text } of instancesOf(readMessage(bytes)?.records ?? [])) {
          reader.read(text, place, (service) => instanceId(instance, service, domains))
        }
      }),
      { seed: 21, numRuns: 3000 },
    )
  })

  it('S21: a message that is cut anywhere is no message', () => {
    const bytes = Buffer.from(goMicro['go-micro 1.18.0'] ?? '', 'hex')
    for (let length = 0; length < bytes.length; length++) expect(readMessage(bytes.subarray(0, length))).toBeUndefined()
  })

  const head = (questions: number, answers = 0) => Buffer.from([0, 0, 0x84, 0, 0, questions, 0, answers, 0, 0, 0, 0])
  const tail = Buffer.from([0, 12, 0, 1])

  it.each([
    ['to itself', [0xc0, 12]],
    ['forward', [0xc0, 14, 1, 97, 0]],
    ['in a circle', [1, 97, 0xc0, 12]],
    ['out of the message', [0xff, 0xff]],
    ['of an unused kind', [0x40, 0]],
  ])('S21: a name that leads %s is refused', (_, name) => {
    expect(readMessage(Buffer.concat([head(1), Buffer.from(name), tail]))).toBeUndefined()
  })

  it('S21: a name longer than 255 bytes is refused, however it is put together', () => {
    const part = Buffer.concat([Buffer.of(63), Buffer.alloc(63, 'a')])
    const long = (parts: number) => Buffer.concat([...Array<Buffer>(parts).fill(part), Buffer.of(0)])
    expect(readMessage(Buffer.concat([head(1), long(3), tail]))).toBeDefined()
    expect(readMessage(Buffer.concat([head(1), long(4), tail]))).toBeUndefined()
    const pointing = Buffer.concat([part, part, Buffer.of(0xc0, 12)])
    expect(readMessage(Buffer.concat([head(2), long(2), tail, pointing, tail]))).toBeUndefined()
  })

  it('S15: the worst message of 64 KB takes less than 50 ms', () => {
    const deep = Buffer.concat([...Array<Buffer>(126).fill(Buffer.from([1, 97])), Buffer.of(0)])
    const pointer = Buffer.from([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 9, 0, 8, 0, 0, 0, 0, 0, 1, 0xc0, 12])
    const count = Buffer.from([0, 0, 0x84, 0, 0, 1, 511 >> 8, 511 & 255, 0, 0, 0, 0])
    const bytes = Buffer.concat([count, deep, tail, ...Array<Buffer>(511).fill(pointer)])
    expect(readMessage(bytes)?.records).toHaveLength(511)
    const begun = performance.now()
    for (let i = 0; i < 10; i++) instancesOf(readMessage(bytes)?.records ?? [])
    expect((performance.now() - begun) / 10).toBeLessThan(50)
  })

  it('S21: more records than discovery has use for are refused', () => {
    expect(readMessage(Buffer.concat([head(0), Buffer.alloc(12)]))).toBeDefined()
    expect(readMessage(head(65))).toBeUndefined()
    expect(readMessage(Buffer.from([0, 0, 0x84, 0, 0, 0, 2, 1, 0, 0, 0, 0]))).toBeUndefined()
  })

  it('other operations and failed answers are ignored', () => {
    const query = writeQuery([{ name: 'a.local', type: TYPE.PTR, class: 1 }])
    for (const flags of [0x08, 0x80]) {
      const other = Buffer.from(query)
      other[flags === 0x08 ? 2 : 3] = flags === 0x08 ? flags : 3
      expect(readMessage(other)).toBeUndefined()
    }
  })

  it('what a prober means to use does not count', () => {
    const bytes = writeResponse(0, [], [{ type: 'A', name: 'a.local', ttl: 1, address: '10.0.0.1' }])
    bytes.writeUInt16BE(0, 6)
    bytes.writeUInt16BE(1, 8)
    expect(readMessage(bytes)).toMatchObject({ records: [] })
  })

  it('a label with a dot in it does not look like two', () => {
    const bytes = writeQuery([{ name: 'a-b.local', type: TYPE.PTR, class: 1 }])
    bytes.write('a.b', 13)
    expect(readMessage(bytes)?.questions[0]?.name).toBe('a\uFFFDb.local')
  })
})

describe('texts of nodes', () => {
  const read = (text: string, name = 'n.s.local') =>
    reader.read(text, place, (service) => instanceId(name, service, domains))
  const good = { Service: 's', Version: '1', Endpoints: null, Metadata: { a: 'b' } }

  it('are read in any case of their keys', () => {
    expect(read(hex(good))).toMatchObject({ name: 's', version: '1', nodes: [{ id: 'n', ...place }] })
    expect(read(hex({ service: 's', version: '1', metadata: { a: 'b' } }))).toMatchObject({ name: 's', version: '1' })
  })

  it.each([
    ['no hex', 'xyz'],
    ['no zlib', Buffer.from('plain').toString('hex')],
    ['a part of zlib', hex(good).slice(0, -20)],
    ['no JSON', hex('{"Service":')],
    ['null', hex('null')],
    ['a list', hex([good])],
    ['no service', hex({ Version: '1' })],
    ['another service', hex({ ...good, Service: 'other' })],
    ['a service that is a number', hex({ ...good, Service: 1 })],
    ['metadata that is a list', hex({ ...good, Metadata: [] })],
    ['metadata that is no text', hex({ ...good, Metadata: { a: 1 } })],
    ['endpoints that are numbers', hex({ ...good, Endpoints: [1] })],
    ['a control character in the version', hex({ ...good, Version: 'a\nb' })],
    ['65 levels', hex(`{"Service":"s","Endpoints":${'['.repeat(65)}${']'.repeat(65)}}`)],
    ['a bomb', hex(`{"Service":"s","Version":"1","x":"${' '.repeat(50_000_000)}"}`)],
    ['more than 64 KB', hex({ ...good, Metadata: { a: 'x'.repeat(65_536) } })],
  ])('S21: %s is no node', (_, text) => {
    expect(read(text)).toBeUndefined()
  })

  it('S12: __proto__ is a name like others', () => {
    const found = read(hex('{"Service":"s","Version":"__proto__","Metadata":{"__proto__":"x"}}'))
    expect(found?.version).toBe('__proto__')
    expect(Object.entries(found?.nodes[0]?.metadata ?? {})).toEqual([['__proto__', 'x']])
  })

  it('S21: a flood of texts that inflate is cut off', () => {
    const patient = new NodeTextReader()
    const big = hex({ ...good, Metadata: { a: 'x'.repeat(60_000) } })
    const taken = Array.from({ length: 200 }, () => patient.read(big, place, () => 'n')).filter(Boolean)
    expect(taken.length).toBeGreaterThan(50)
    expect(taken.length).toBeLessThan(120)
  })

  it('what is too long to be announced is refused', () => {
    const [node] = greeter.nodes
    const metadata = { a: 'x'.repeat(70_000) }
    expect(() => writeNodeText(greeter, { ...(node ?? expect.fail()), metadata })).toThrow(/too long for mdns/)
  })
})

describe('instances', () => {
  const srv = { type: 'SRV', name: 'n.s.local', ttl: 9, port: 1, target: 'h' } as const
  const txt = { type: 'TXT', name: 'n.s.local', ttl: 9, strings: ['a', 'b'] } as const
  const a = (address: string) => ({ type: address.includes(':') ? 'AAAA' : 'A', name: 'h', ttl: 9, address }) as const

  it('take an IPv4 address before one of IPv6, and none that leads nowhere', () => {
    const address = (...addresses: string[]) => instancesOf([srv, txt, ...addresses.map(a)])[0]?.place?.address
    expect(address('2001:db8::1', '10.0.0.1', '10.0.0.2')).toBe('10.0.0.1')
    expect(address('0.0.0.0', '::', 'fe80::1', '2001:db8::1')).toBe('2001:db8::1')
    expect(address('0.0.0.0')).toBeUndefined()
  })

  it('need a port, a text and an address of their own host', () => {
    expect(instancesOf([srv, txt, a('10.0.0.1')])).toHaveLength(1)
    expect(instancesOf([srv, a('10.0.0.1')])).toEqual([])
    expect(instancesOf([txt, a('10.0.0.1')])).toEqual([])
    expect(instancesOf([{ ...srv, port: 0 }, txt, a('10.0.0.1')])).toEqual([])
    expect(instancesOf([{ ...srv, target: 'elsewhere' }, txt, a('10.0.0.1')])).toEqual([])
  })

  it('go with a ttl of 0 in either record that names them', () => {
    const gone = { name: 'n.s.local', ttl: 0, place: undefined, text: '' }
    expect(instancesOf([{ ...srv, ttl: 0 }])).toEqual([gone])
    expect(instancesOf([{ type: 'PTR', name: 's.local', ttl: 0, target: 'n.s.local' }])).toEqual([gone])
  })

  it('of _services are the names of services', () => {
    const pointer = (name: string, target: string, ttl = 9) => ({ type: 'PTR', name, target, ttl }) as const
    const records = [
      pointer('_services.local', 'go.micro.srv.a._services.local'),
      pointer('_services.local', 'b._services.micro'),
      pointer('_services.micro', 'c._services.micro', 0),
      pointer('_services.micro', 'd._services.micro'),
      pointer('other.local', 'e.other.local'),
    ]
    expect(listedNames(records, ['_services.micro', '_services.local'])).toEqual(['go.micro.srv.a', 'd'])
  })
})
