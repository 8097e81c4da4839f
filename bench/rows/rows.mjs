import { downloadRow } from './download.mjs'
import { footprintRow } from './footprint.mjs'
import { garbageRow } from './garbage.mjs'
import { latencyRow } from './latency.mjs'
import { servicesRow } from './services.mjs'
import { proxyRow, rpcRow } from './small-requests.mjs'
import { stagesRow } from './stages.mjs'
import { websocketRow } from './websocket.mjs'

export const allRows = [
  footprintRow,
  proxyRow,
  rpcRow,
  latencyRow,
  garbageRow,
  downloadRow,
  websocketRow,
  servicesRow,
  stagesRow,
]
