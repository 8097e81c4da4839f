import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { advertisedAddress, ownAddress } from '../../src/app/advertised-address.js'
import { nodeId } from '../../src/app/node-id.js'
import { addressTowards, hostAddress } from '../../src/app/route.js'
import { sharedRegistry } from '../../src/app/shared-registry.js'
import { memoryRegistry } from '../../src/registry/memory.js'

const consul = { host: '10.0.0.1', port: 8500 }

function advertised(address: string, advertise?: string, shared?: object, towards?: string, ofHost?: string) {
  const ways = { towards: async () => towards, ofHost: () => ofHost }
  return advertisedAddress({ address, advertise }, shared && consul, ways).then(({ host, port }) => `${host} ${port}`)
}

describe('a registry of this host alone', () => {
  test.each([
    ['127.0.0.1:9090', '127.0.0.1 9090'],
    [':9090', '127.0.0.1 9090'],
    ['0.0.0.0:9090', '127.0.0.1 9090'],
    ['[::]:9090', '::1 9090'],
    ['[::1]:9090', '::1 9090'],
    ['localhost:9090', 'localhost 9090'],
    ['10.1.2.3:9090', '10.1.2.3 9090'],
    ['cart.example:9090', 'cart.example 9090'],
  ])('%s is %s', async (address, expected) => expect(await advertised(address)).toBe(expected))
})

describe('a shared registry', () => {
  test.each([
    ['127.0.0.1:9090', '10.0.0.7 9090'],
    ['localhost:9090', '10.0.0.7 9090'],
    [':9090', '10.0.0.7 9090'],
    ['[::]:9090', '10.0.0.7 9090'],
    ['10.1.2.3:9090', '10.1.2.3 9090'],
    ['cart.example:9090', 'cart.example 9090'],
  ])('%s is reached by the interface that leads to it: %s', async (address, expected) => {
    expect(await advertised(address, undefined, consul, '10.0.0.7', '192.0.2.1')).toBe(expected)
  })

  test.each([
    ['127.0.0.1:9090', '127.0.0.1 9090'],
    ['[::1]:9090', '::1 9090'],
    [':9090', '192.0.2.1 9090'],
  ])('with its agent on this host %s is %s', async (address, expected) => {
    expect(await advertised(address, undefined, consul, '127.0.0.1', '192.0.2.1')).toBe(expected)
  })

  test.each(['127.0.0.1:9090', ':9090'])('with no way to it, as for multicast without a route, %s', async (address) => {
    expect(await advertised(address, undefined, consul, undefined, '192.0.2.1')).toBe('192.0.2.1 9090')
  })

  test('on a host without any other interface it stays loopback', async () => {
    expect(await advertised(':9090', undefined, consul, undefined, undefined)).toBe('127.0.0.1 9090')
  })
})

test.each([
  ['10.9.9.9', '10.9.9.9 9090'],
  ['10.9.9.9:80', '10.9.9.9 80'],
  ['[fd00::5]:80', 'fd00::5 80'],
  ['[fd00::5]', 'fd00::5 9090'],
  ['fd00::5', 'fd00::5 9090'],
  ['cart.example', 'cart.example 9090'],
  ['127.0.0.1:80', '127.0.0.1 80'],
  [':80', '10.0.0.7 80'],
  ['0.0.0.0:80', '10.0.0.7 80'],
])('advertise %s is believed: %s', async (advertise, expected) => {
  expect(await advertised('127.0.0.1:9090', advertise, consul, '10.0.0.7')).toBe(expected)
})

test('where this host itself reaches it', () => {
  expect(ownAddress(':9090')).toEqual({ host: '127.0.0.1', port: 9090 })
  expect(ownAddress('[::]:9090')).toEqual({ host: '::1', port: 9090 })
  expect(ownAddress('cart.example:1')).toEqual({ host: 'cart.example', port: 1 })
})

test('R18: the id is the same at each start, and another for another name or address', () => {
  const id = nodeId('go.micro.srv.cart', '10.0.0.7:9090')
  expect(id).toMatch(/^go\.micro\.srv\.cart-[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(nodeId('go.micro.srv.cart', '10.0.0.7:9090')).toBe(id)
  const others = [nodeId('go.micro.srv.cart', '10.0.0.7:9091'), nodeId('go.micro.srv.carts', '10.0.0.7:9090')]
  expect(new Set([id, ...others]).size).toBe(3)
})

describe('which way', () => {
  test('leads to this host by loopback, without a packet sent', async () => {
    const listener = createSocket('udp4')
    await new Promise<void>((resolve) => listener.bind(0, '127.0.0.1', resolve))
    const heard = vi.fn()
    listener.on('message', heard)
    const { port } = listener.address()
    expect(await addressTowards({ host: '127.0.0.1', port })).toBe('127.0.0.1')
    expect(await addressTowards({ host: 'localhost', port })).toMatch(/^(?:127\.0\.0\.1|::1)$/)
    expect(heard).not.toHaveBeenCalled()
    listener.close()
  })

  test('is the interface that the configuration names', async () => {
    const isLoopback = ([, all]: [string, { address: string }[] | undefined]) =>
      all?.some((one) => one.address === '127.0.0.1')
    const name = Object.entries(networkInterfaces()).find(isLoopback)?.[0] ?? ''
    for (const wanted of [name, '127.0.0.1']) {
      expect(await addressTowards({ host: '224.0.0.251', port: 5353, interface: wanted })).toBe('127.0.0.1')
    }
    expect(await addressTowards({ host: '224.0.0.251', port: 5353, interface: 'none7' })).toBe(undefined)
  })

  test('leads nowhere for a name that is none', async () => {
    expect(await addressTowards({ host: 'nobody.invalid', port: 1 })).toBe(undefined)
  })

  test('an interface of this host, IPv4 before IPv6, never loopback or link-local', () => {
    const one = (address: string, family: 'IPv4' | 'IPv6', internal = false) => {
      const more = { netmask: '', mac: '', cidr: null, internal }
      return family === 'IPv4' ? { ...more, address, family } : { ...more, address, family, scopeid: 0 }
    }
    const lo = [one('127.0.0.1', 'IPv4', true), one('::1', 'IPv6', true)]
    const local = [one('169.254.3.4', 'IPv4'), one('fe80::1', 'IPv6')]
    expect(hostAddress({ lo, local })).toBe(undefined)
    expect(hostAddress({ lo, local, a: [one('fd00::1', 'IPv6')] })).toBe('fd00::1')
    expect(hostAddress({ lo, a: [one('fd00::1', 'IPv6'), one('10.0.0.7', 'IPv4')] })).toBe('10.0.0.7')
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    expect([undefined, ...all.map(({ address }) => address)]).toContain(hostAddress())
  })
})

describe('shared are', () => {
  const named = (name: string, options: Record<string, unknown> = {}) => ({ kind: 'named' as const, name, options })
  const registry = (name: string) => ({ ...memoryRegistry(), name })

  test.each([
    ['consul', {}, { host: '127.0.0.1', port: 8500 }],
    ['consul', { address: '10.0.0.1' }, { host: '10.0.0.1', port: 8500 }],
    ['consul', { address: '10.0.0.1:8501, 10.0.0.2' }, { host: '10.0.0.1', port: 8501 }],
    ['consul', { address: 'https://consul.example:8501/x' }, { host: 'consul.example', port: 8501 }],
    ['consul', { address: '[fd00::1]:8500' }, { host: 'fd00::1', port: 8500 }],
    ['mdns', {}, { host: '224.0.0.251', port: 5353 }],
    ['mdns', { interface: 'eth1' }, { host: '224.0.0.251', port: 5353, interface: 'eth1' }],
    ['etcd', { address: '10.0.0.1:2379' }, { host: '10.0.0.1', port: 2379 }],
  ])('%s %j', (name, options, expected) => {
    expect(sharedRegistry(registry(name), named(name, options))).toEqual(expected)
  })

  test('not those of this host', () => {
    expect(sharedRegistry(registry('memory'), named('memory'))).toBe(undefined)
    expect(sharedRegistry(registry('own'), { kind: 'custom', value: registry('own') })).toBe(undefined)
    expect(sharedRegistry(registry('consul'), named('auto'))).toEqual({ host: '127.0.0.1', port: 8500 })
  })
})
