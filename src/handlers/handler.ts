import type { Client } from '../client/client.js'
import type { Settings } from '../config/settings.js'
import type { Inbound } from '../http/inbound.js'
import type { Pipeline } from '../middleware/pipeline.js'

/** What a handler works with. */
export interface HandlerRoom {
  readonly settings: Settings
  readonly client: Client
  readonly pipeline: Pipeline
}

/** Takes every request that no fixed path claims. */
export interface Handler {
  handle(inbound: Inbound): void
}
