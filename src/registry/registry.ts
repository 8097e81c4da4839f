/** A process that serves a service. */
export interface Node {
  /** Unique within its service. */
  readonly id: string
  /** IP address or host name, without the port. */
  readonly address: string
  /** 1 to 65535. */
  readonly port: number
  /** `protocol`, `weight` and what the service's own people put there. Has no prototype. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The description of a value that an endpoint takes or gives, as go-micro publishes it. */
export interface Value {
  readonly name: string
  readonly type: string
  readonly values: readonly Value[] | null
}

export interface Endpoint {
  readonly name: string
  readonly request: Value | null
  readonly response: Value | null
  readonly metadata: Readonly<Record<string, string>>
}

/** One version of a service with the nodes that run it. */
export interface Service {
  readonly name: string
  /** `''` when the registration named none. */
  readonly version: string
  readonly metadata: Readonly<Record<string, string>>
  readonly endpoints: readonly Endpoint[]
  readonly nodes: readonly Node[]
}

/**
 * `create`: a version's first node came, `update`: its nodes or its description changed: `service` is the version as
 * it is now. `delete`: its last node left: `service` holds the nodes that left last.
 */
export interface RegistryEvent {
  readonly action: 'create' | 'update' | 'delete'
  readonly service: Service
}

export interface RegisterOptions {
  /** Milliseconds after which each node of this registration leaves unless registered again. Absent: stays. */
  readonly ttl?: number
}

/** How far what a registry says can be trusted: `stale` is the last known good, `down` is nothing at all. */
export interface RegistryStatus {
  readonly state: 'ok' | 'stale' | 'down'
  /** Milliseconds since it was last known to be true. */
  readonly age: number
}

export interface WatchOptions {
  /** Only of services that `getService` was asked for: spares a backend the rest. It may tell of others all the same. */
  readonly asked?: boolean
}

/** Where services are found. Implementations do no I/O before the first call; `close` ends every timer and socket. */
export interface Registry {
  /** `memory`, `consul`, …: shown in logs, `/health` and metrics. */
  readonly name: string
  /** Adds or replaces the given nodes (by id) of that name and version; other nodes stay. At least one node. */
  register(service: Service, options?: RegisterOptions): Promise<void>
  /** Removes the given nodes by id, in whatever version they are. Unknown nodes are no error. */
  deregister(service: Service): Promise<void>
  /**
   * One element a version, each with at least one node; empty for an unknown name. A service that nobody asked for in
   * ten minutes need not be followed any more: those who watch only what was asked for hear no more of it.
   */
  getService(name: string): Promise<readonly Service[]>
  /** All services; backends that list names only give empty `nodes`. */
  listServices(): Promise<readonly Service[]>
  /**
   * Calls `listener` for every later change, made here or elsewhere; a renewal that changes nothing is none. What a
   * listener throws is dropped. Returns what stops it.
   */
  watch(listener: (event: RegistryEvent) => void, options?: WatchOptions): () => void
  /** Of a registry that can fall behind its backend; one that holds all itself has none. Shown by `/health`. */
  status?(): RegistryStatus
  close(): Promise<void>
}
