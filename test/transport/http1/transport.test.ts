import { test } from 'vitest'
import { transportConformance } from '../../../src/testing/transport-conformance.js'
import { http1Transport } from '../../../src/transport/http1/transport.js'

transportConformance('http1', http1Transport, { test })
