import { test } from 'vitest'
import { mdnsRegistry } from '../../src/registry/mdns.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'

let port = 20_000 + Math.floor(Math.random() * 10_000)

registryConformance('mdns', () => mdnsRegistry({ interface: '127.0.0.1', port: port++ }), { test })
