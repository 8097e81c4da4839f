import { version } from '../../version.js'
import type { MetricSource } from './family.js'

export const buildInfo: MetricSource = () => [
  {
    name: 'micro_build_info',
    help: '1, with the versions of the sidecar and of Node.js.',
    type: 'gauge',
    samples: [{ labels: { version, nodejs: process.versions.node }, value: 1 }],
  },
]
