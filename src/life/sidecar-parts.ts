import type { CheckedBroker } from '../broker/checked-broker.js'
import type { Client } from '../client/client.js'
import type { Codec } from '../codec/codec.js'
import type { Settings } from '../config/settings.js'
import type { PluginHost } from '../plugin/plugin-host.js'
import type { Log } from '../telemetry/log.js'
import type { Metrics } from '../telemetry/metrics/metrics.js'

/** What is made of one configuration. Some of it may go on from the one before, and into the one behind. */
export interface SidecarParts {
  readonly settings: Settings
  readonly log: Log
  readonly host: PluginHost
  readonly client: Client
  readonly broker: CheckedBroker
  readonly codecs: ReadonlyMap<string, Codec>
  /** The sidecar's, whatever the configuration. */
  readonly metrics: Metrics
}

/** Makes the parts of a configuration, out of those of the one before where they fit. Opens nothing. */
export type MakeParts = (settings: Settings, before: SidecarParts) => Promise<SidecarParts>
