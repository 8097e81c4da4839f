export type {
  Broker,
  BrokerStatus,
  Drop,
  Guarantee,
  Listener,
  Message,
  SubscribeOptions,
  Unsubscribe,
} from './broker/broker.js'
export { memoryBroker } from './broker/memory.js'
export type { BalancedCall, Balancer, Candidate, Observation } from './client/balancer.js'
export type { Codec, EncodedCall, RpcAnswer, RpcCall } from './codec/codec.js'
export type { MicroConfig } from './config/config.generated.js'
export { defineConfig } from './config/define-config.js'
export type { Settings } from './config/settings.js'
export { ConfigError, type ConfigFault, type ErrorForm, type ErrorReason, MicroError } from './errors.js'
export type { CallOptions } from './handlers/sdk-call.js'
export { defineMiddleware } from './middleware/define-middleware.js'
export type {
  Context,
  ContextResponse,
  ExpressMiddleware,
  Middleware,
  MomentMiddleware,
} from './middleware/middleware.js'
export { definePlugin } from './plugin/define-plugin.js'
export type { Plugin, PluginRoute, Slot } from './plugin/plugin.js'
export { memoryRegistry } from './registry/memory.js'
export type { Endpoint, Node, RegisterOptions, Registry, RegistryEvent, Service, Value } from './registry/registry.js'
export { createSidecar, type Sidecar, type SidecarEvent } from './sidecar.js'
export type {
  AnswerSink,
  Exchange,
  SendOptions,
  StreamBody,
  Target,
  Transport,
  TransportErrorKind,
  WireBody,
  WireRequest,
} from './transport/transport.js'
export { TransportError } from './transport/transport.js'
