import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { HandlerRoom } from './handlers/handler.js'
import { proxyHandler } from './handlers/proxy.js'
import { type RpcRoom, rpcHandler } from './handlers/rpc.js'
import { rpcEndpoint } from './handlers/rpc-endpoint.js'
import { UpgradeHandler } from './handlers/upgrade.js'
import { isLoopback, listenOptions } from './http/address.js'
import { InFlight } from './http/in-flight.js'
import type { Inbound } from './http/inbound.js'
import type { Intake } from './http/intake.js'
import type { RequestHead } from './http/request-head.js'
import type { SidecarParts } from './life/sidecar-parts.js'
import { expressStack } from './middleware/express-stack.js'
import { Pipeline } from './middleware/pipeline.js'
import { type AdminApp, Dispatcher } from './router/dispatcher.js'
import { BrokerRoute } from './routes/broker/route.js'
import { type HealthSource, healthRoute } from './routes/health.js'
import { metricsRoute } from './routes/metrics.js'
import { registryWatch } from './routes/registry-watch.js'
import type { UpgradeRoute } from './routes/web-sockets.js'
import { logAccess, logFailure } from './telemetry/access-log.js'

const ownSegments = ['registry', 'rpc', 'broker', 'health', 'livez', 'readyz', 'stats', 'metrics']
const goingAway = 1001

/** Everything between the listener and the client, of one configuration. */
export interface Traffic extends Intake {
  /** Its calls, those of the SDK among them. */
  readonly inFlight: InFlight
  /** A WebSocket may be open. */
  hasUpgrades(): boolean
  /** Has callers use another connection for their next call. */
  leave(): void
  /** Takes no new calls. */
  refuse(): void
  /** Tells every WebSocket that this sidecar goes away. */
  closeUpgrades(): void
  /** The same for those alone that watch the registry. */
  closeWatches(): void
  /** The same for those alone that subscribe to topics. */
  closeSubscriptions(): void
}

/** Wires handlers, middleware and the sidecar's own routes. `whole` counts the calls of all configurations. */
export async function buildTraffic(parts: SidecarParts, health: HealthSource, whole: InFlight): Promise<Traffic> {
  const { settings, host, client, broker, codecs, metrics } = parts
  const middleware = host.middleware(settings.middleware)
  const room: RpcRoom & HandlerRoom = { settings, client, codecs, pipeline: new Pipeline(middleware) }
  const watch = registryWatch(client.registry, { ...settings.limits, cors: settings.cors })
  const brokerRoute = new BrokerRoute(broker, settings.limits)
  const onEnd = account(parts)
  const inFlight = new InFlight(whole)
  const upgrade = settings.handler === 'proxy' ? new UpgradeHandler(room, inFlight, onEnd) : undefined
  const dispatcher = new Dispatcher({
    inFlight,
    whole,
    mostInFlight: settings.limits.inFlight,
    guard: { ...settings.auth, cors: settings.cors, loopback: bindsLoopback(settings.address) },
    fixed: new Set([...ownSegments, ...pluginSegments(parts)]),
    bodyLimit: settings.limits.body,
    admin: lazyAdmin(parts),
    probe: (path, response) => healthRoute(path, response, health),
    metrics: metricsRoute(settings.metrics ? metrics.sources(parts, whole) : undefined),
    broker: (inbound) => brokerRoute.onRequest(inbound),
    rpc: rpcEndpoint(room),
    handlerName: settings.handler,
    handler: settings.handler === 'rpc' ? rpcHandler(room) : proxyHandler(room),
    stack: await expressStack(middleware),
    upgradeRoutes: new Map<string, UpgradeRoute>([
      ['registry', watch],
      ['broker', brokerRoute],
    ]),
    upgrade,
  })
  return {
    limits: settings.limits,
    inFlight,
    onEnd,
    ...asIntake(dispatcher),
    ...upgradesOf(watch, brokerRoute, upgrade),
  }
}

/** Counts and logs a request that has ended. */
function account({ settings, log, metrics }: SidecarParts): (inbound: Inbound) => void {
  return (inbound) => {
    const { service, handler, code, elapsed } = inbound
    metrics.services.find(service).request(handler, code, elapsed)
    if (inbound.failure !== undefined) logFailure(log, inbound, inbound.failure)
    if (settings.log.access) logAccess(log, inbound)
  }
}

function asIntake(dispatcher: Dispatcher) {
  return {
    onRequest: (inbound: Inbound) => dispatcher.onRequest(inbound),
    wantsUpgrade: (request: IncomingMessage) => dispatcher.wantsUpgrade(request),
    onUpgrade: (request: IncomingMessage, socket: Socket, rest: Buffer, head: RequestHead) =>
      dispatcher.onUpgrade(request, socket, rest, head),
    leave() {
      dispatcher.leaving = true
    },
    refuse() {
      dispatcher.refusing = true
    },
  }
}

function upgradesOf(watch: UpgradeRoute, broker: UpgradeRoute, upgrade: UpgradeHandler | undefined) {
  return {
    hasUpgrades: () => watch.isWatched || broker.isWatched || upgrade?.isBusy === true,
    closeUpgrades() {
      watch.close()
      broker.close()
      upgrade?.close(goingAway)
    },
    closeWatches: () => watch.close(),
    closeSubscriptions: () => broker.close(),
  }
}

/** Express takes as much memory as all the rest, so it is loaded with the first request that it serves. */
function lazyAdmin({ settings, host, client, log }: SidecarParts): () => Promise<AdminApp> {
  let app: Promise<AdminApp> | undefined
  return () => {
    app ??= import('./routes/admin.js').then(({ adminRoutes }) =>
      adminRoutes({ registry: client.registry, plugins: host.plugins, bodyLimit: settings.limits.body, log }),
    )
    return app
  }
}

function pluginSegments({ host }: SidecarParts): string[] {
  return host.plugins.flatMap(({ name, routes = [] }) => routes.map(({ path }) => segmentOf(name, path)))
}

/** Express would only choke on a path when it is loaded, and take `/health` along. */
function segmentOf(plugin: string, path: string): string {
  const segment = /^\/([\w.~-]+)(?:\/[\w.~-]+)*$/.exec(path)?.[1]
  if (segment === undefined) throw new Error(`plugin ${plugin} has a route at ${path}: expected /name or /name/more`)
  return segment
}

function bindsLoopback(address: string): boolean {
  const options = listenOptions(address)
  return options?.path !== undefined || isLoopback(options?.host ?? '')
}
