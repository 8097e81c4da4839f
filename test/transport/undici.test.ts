import { test } from 'vitest'
import { transportConformance } from '../../src/testing/transport-conformance.js'
import { undiciTransport } from '../../src/transport/undici.js'

transportConformance(
  'undici',
  undiciTransport,
  { test },
  {
    lacks: [
      'asterisk-form',
      'continue-information',
      'early-length-check',
      'host-as-given',
      'keep-alive-spelling',
      'latin1-reason',
      'length-of-304',
      'request-trailers',
      'reset-while-idle',
      'reset-without-length',
      'strict-framing',
    ],
  },
)
