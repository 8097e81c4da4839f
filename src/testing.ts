export { type BalancerConformanceOptions, balancerConformance } from './testing/balancer-conformance.js'
export { type BrokerConformanceOptions, brokerConformance } from './testing/broker-conformance.js'
export {
  type CodecFixtures,
  type CodecService,
  codecConformance,
  type ReceivedCall,
} from './testing/codec-conformance.js'
export {
  type RegistryConformanceOptions,
  registryConformance,
  type TestRunner,
} from './testing/registry-conformance.js'
export {
  type MakeTransport,
  type TransportCapability,
  type TransportConformanceOptions,
  type TransportLimits,
  transportConformance,
} from './testing/transport-conformance.js'
