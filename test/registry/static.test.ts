import { test } from 'vitest'
import { staticRegistry } from '../../src/registry/static.js'
import { registryConformance } from '../../src/testing/registry-conformance.js'

registryConformance('static', () => staticRegistry(), { test })
