import { test } from 'vitest'
import { CheckedBroker } from '../../src/broker/checked-broker.js'
import { memoryBroker } from '../../src/broker/memory.js'
import { brokerConformance } from '../../src/testing.js'

brokerConformance('memory', memoryBroker, { test })
brokerConformance('checked memory', () => new CheckedBroker(memoryBroker()), { test })
