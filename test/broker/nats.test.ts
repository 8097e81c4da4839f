import { afterAll, beforeAll, test } from 'vitest'
import { natsBroker } from '../../src/broker/nats.js'
import { brokerConformance } from '../../src/testing.js'
import { describeWithNats, NatsServer } from '../support/nats-server.js'

describeWithNats('the nats broker', () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await NatsServer.start()
  })
  afterAll(() => server.remove())

  brokerConformance('nats', () => natsBroker({ servers: [server.address] }), { test })
})

describeWithNats('the nats broker with JetStream', () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await NatsServer.startJetStream()
  })
  afterAll(() => server.remove())

  const options = { delivery: 'at-least-once' } as const
  brokerConformance('nats, at least once,', () => natsBroker({ servers: [server.address], ...options }), { test })
})
