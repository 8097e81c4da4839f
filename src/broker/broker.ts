/** What is published and delivered. Once handed over it is everybody's who subscribed, and nobody's to change. */
export interface Message {
  /** Names as the publisher spelt them; any name is data. Has no prototype. */
  readonly header: Readonly<Record<string, string>>
  readonly body: Buffer
}

/**
 * Takes a message. What it throws, or rejects with, says that it did not: a broker that delivers at least once
 * delivers again, one with a queue may ask another member, and else the message is dropped and told to `watchDrops`.
 * Where a broker waits for acknowledgements, the promise that settles is one.
 */
export type Listener = (message: Message) => void | Promise<void>

export interface SubscribeOptions {
  /** Subscribers of a topic that name the same queue share its messages; absent or empty: this one gets all. */
  readonly queue?: string | undefined
}

/** Of a message that was accepted and that a subscriber here should have had. */
export type Guarantee = 'at-most-once' | 'at-least-once'

export interface BrokerStatus {
  /** `down`: what is published now is not accepted. Shown by `/health`. */
  readonly state: 'ok' | 'down'
  readonly guarantee: Guarantee
  /** Why it is down. Holds no secrets. */
  readonly detail?: string | undefined
}

/** A message that was accepted and lost: `reason` is one of a few words, such as `listener`; it becomes a label. */
export interface Drop {
  readonly topic: string
  readonly reason: string
}

/** Where messages go. Implementations do no I/O before `start`; `close` ends every timer and socket. */
export interface Broker {
  /** `memory`, `nats`, …: shown in logs, `/health` and metrics. */
  readonly name: string
  /** Called once, before anything else. Rejects only where no waiting would help; a backend that is away is `down`. */
  start?(): Promise<void>
  /** Resolves when the message is accepted; rejects when it is not, and then it is not delivered later either. */
  publish(topic: string, message: Message): Promise<void>
  /**
   * Resolves when every message that is accepted from now on reaches `listener`, or, while the broker is down, will do so
   * once it is back. A subscription outlives its backend's absence. Resolves to what ends it: nothing is delivered
   * after that was called.
   */
  subscribe(topic: string, listener: Listener, options?: SubscribeOptions): Promise<Unsubscribe>
  status(): BrokerStatus
  /** Of a broker that can lose what it accepted: calls `listener` with each loss. Returns what stops that. */
  watchDrops?(listener: (drop: Drop) => void): () => void
  /** Ends all subscriptions; a later `publish` or `subscribe` rejects. */
  close(): Promise<void>
}

/** May be called more than once. */
export type Unsubscribe = () => Promise<void>
