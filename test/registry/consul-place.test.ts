import { describe, expect, it } from 'vitest'
import { placeOf } from '../../src/registry/consul/place.js'
import { goDuration } from '../../src/registry/consul/registration.js'

describe('where Consul is', () => {
  it.each([
    [{}, 'http 127.0.0.1 8500'],
    [{ address: '10.0.0.1:8501' }, 'http 10.0.0.1 8501'],
    [{ address: ':8600' }, 'http 127.0.0.1 8600'],
    [{ address: 'consul.example.com' }, 'http consul.example.com 8500'],
    [{ address: 'consul.example.com', scheme: 'https' as const }, 'https consul.example.com 8501'],
    [{ address: '[::1]' }, 'http ::1 8500'],
    [{ address: '[::1]:8600' }, 'http ::1 8600'],
    [{ address: 'https://consul.example.com' }, 'https consul.example.com 443'],
    [{ address: 'http://consul.example.com:8500/' }, 'http consul.example.com 8500'],
    [{ tls: {} }, 'https 127.0.0.1 8500'],
  ])('%j', (options, expected) => {
    const { secure, host, port } = placeOf(options)
    expect(`${secure ? 'https' : 'http'} ${host} ${port}`).toBe(expected)
  })

  it.each([
    [{ address: 'http://consul/v1' }, 'registry.address'],
    [{ address: 'ftp://consul' }, 'registry.address'],
    [{ address: 'a b' }, 'registry.address'],
    [{ address: 'host:0' }, 'registry.address'],
    [{ address: 'http://consul', scheme: 'https' as const }, 'registry.scheme'],
    [{ tls: { ca: '/no/such/file.pem' } }, 'registry.tls.ca'],
  ])('not %j', (options, path) => {
    expect(() => placeOf(options)).toThrow(expect.objectContaining({ faults: [expect.objectContaining({ path })] }))
  })
})

describe('durations', () => {
  it.each([
    [0.2, '1ms'],
    [300, '300ms'],
    [1500, '1.5s'],
    [10_000, '10s'],
    [65_000, '1m5s'],
    [60_000, '1m0s'],
    [3_600_000, '1h0m0s'],
  ])('%d ms as Go writes it: %s', (milliseconds, text) => {
    expect(goDuration(milliseconds)).toBe(text)
  })
})
