import { test } from 'vitest'
import { jsonRpc } from '../../src/codec/json-rpc.js'
import { mucp } from '../../src/codec/mucp.js'
import { protoRpc } from '../../src/codec/proto-rpc.js'
import { codecConformance } from '../../src/testing/codec-conformance.js'
import { headerForm, jsonEnvelope, jsonEnvelopeOf1x, jsonRpc2, protoEnvelope } from './go-services.js'

const json = 'application/json'
const protobuf = 'application/protobuf'

codecConformance('json-rpc, 0.x', jsonRpc, { contentType: json, service: jsonEnvelope }, { test })
codecConformance('json-rpc, 1.x', jsonRpc, { contentType: json, service: jsonEnvelopeOf1x }, { test })
codecConformance('json-rpc, 2.0', jsonRpc, { contentType: json, service: jsonRpc2 }, { test })
codecConformance('proto-rpc', protoRpc, { contentType: protobuf, service: protoEnvelope }, { test })
codecConformance('mucp, JSON', mucp, { contentType: json, service: headerForm }, { test })
codecConformance('mucp, protobuf', mucp, { contentType: protobuf, service: headerForm }, { test })
