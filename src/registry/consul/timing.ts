/** In milliseconds. */
export interface Timing {
  /** How long a question stays open where nothing changes. */
  readonly wait: number
  /** How long an answer may take beyond that. */
  readonly slack: number
  /** As `wait`, for the one that shows whether the agent lives. */
  readonly pulse: number
  /** Between two probes of an agent that does not answer, and how long each may take. */
  readonly probe: number
  /** How long somebody waits for a service that is not known yet. */
  readonly lookup: number
  /** How long it is remembered that there is no such service; twice as long where something is wrong. */
  readonly miss: number
  /** How long a node is kept that Consul, back from an outage, has not heard of yet. */
  readonly grace: number
  /** How long a service is followed that nobody asks for. */
  readonly idle: number
  /** Between two questions about one service. */
  readonly spacing: number
  /** Between two questions about all services, at the most. */
  readonly overview: number
  /** Between two questions to an agent whose answers bring nothing. */
  readonly allowance: number
}

export const usual: Timing = {
  wait: 300_000,
  slack: 5000,
  pulse: 5000,
  probe: 1000,
  lookup: 1000,
  miss: 1000,
  grace: 90_000,
  idle: 600_000,
  spacing: 500,
  overview: 700,
  allowance: 900,
}
