import type { RegistryEvent } from '../registry.js'
import type { AgentReader } from './agent-reader.js'
import type { Allowance } from './allowance.js'
import type { Line } from './line.js'
import type { OwnNodes } from './own-nodes.js'
import type { Timing } from './timing.js'

/** What the catalog of a Consul registry works with. */
export interface CatalogOptions {
  readonly reader: AgentReader
  readonly line: Line
  readonly timing: Timing
  readonly allowance: Allowance
  readonly own: OwnNodes
  tell(event: RegistryEvent): void
  onFailure(error: unknown): void
}
