import { afterAll, beforeAll, test } from 'vitest'
import { consulRegistry } from '../../src/registry/consul.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'
import { ConsulAgent, describeWithConsul } from '../support/consul-agent.js'

describeWithConsul('a real Consul', () => {
  let agent: ConsulAgent
  beforeAll(async () => {
    agent = await ConsulAgent.start()
  })
  afterAll(() => agent.kill())

  registryConformance(
    'consul',
    () => consulRegistry({ address: agent.address }),
    { test },
    { ttl: 1000, tolerance: 2000 },
  )
})
