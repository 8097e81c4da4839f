import { describe, expect, test } from 'vitest'
import { isJson, isProtobuf, mediaType } from '../../src/codec/media-type.js'
import { selectCodec } from '../../src/codec/select.js'
import { caught } from './caught.js'

describe('selectCodec', () => {
  test.each([
    [undefined, 'application/json', 'json-rpc'],
    ['', 'application/json', 'json-rpc'],
    ['json-rpc', 'application/json', 'json-rpc'],
    [undefined, 'application/protobuf', 'proto-rpc'],
    ['json-rpc', 'application/proto', 'proto-rpc'],
    ['mucp', 'application/json', 'mucp'],
    ['mucp', 'application/protobuf', 'mucp'],
    ['mucp', 'application/proto', 'mucp'],
  ])('protocol %s and %s: %s', (protocol, type, name) => {
    expect(selectCodec(protocol, type)?.name).toBe(name)
  })

  test.each(['', 'text/plain', 'application/grpc', 'application/x-www-form-urlencoded'])(
    'no codec carries %j',
    (type) => {
      expect(selectCodec(undefined, type)).toBeUndefined()
      expect(selectCodec('grpc', type)).toBeUndefined()
    },
  )

  test('grpc is not there yet, and says so', () => {
    const error = caught(() => selectCodec('grpc', 'application/json'))
    expect(error.toJSON()).toEqual({
      id: 'go.micro.client',
      code: 501,
      detail: 'the node speaks grpc, which is not available in this version',
      status: 'Not Implemented',
    })
  })

  test.each(['http', '__proto__', 'MUCP', 'x\r\ny', 'x'.repeat(10_000)])(
    'S12: an unknown protocol is a 502 with its name: %j',
    (protocol) => {
      const error = caught(() => selectCodec(protocol, 'application/json'))
      expect(error).toMatchObject({ code: 502, reason: 'protocol' })
      expect(error.detail).toContain(JSON.stringify(protocol.slice(0, 64)))
      expect(error.detail.length).toBeLessThan(200)
    },
  )
})

test.each([
  [undefined, ''],
  ['application/json', 'application/json'],
  ['Application/JSON; charset=utf-8', 'application/json'],
  [' application/json ;x', 'application/json'],
  [';', ''],
])('the media type of %j is %j', (header, type) => {
  expect(mediaType(header)).toBe(type)
})

test('which types are which', () => {
  expect(isJson('application/json')).toBe(true)
  expect(isJson('application/jsonp')).toBe(false)
  expect(['application/proto', 'application/protobuf', 'application/json'].map(isProtobuf)).toEqual([true, true, false])
})
