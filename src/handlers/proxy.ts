import { MicroError } from '../errors.js'
import type { Inbound } from '../http/inbound.js'
import { RequestContext } from '../middleware/request-context.js'
import { mapProxy } from '../router/mapping.js'
import type { Handler, HandlerRoom } from './handler.js'
import { beforeCall } from './middleware-run.js'
import { ProxyCall } from './proxy-call.js'
import { serviceSettings } from './service-settings.js'

/** A full reverse proxy: the first path segment names the service, and the request goes on as it came. */
export function proxyHandler(room: HandlerRoom): Handler {
  const { settings, pipeline } = room
  return {
    handle(inbound) {
      const service = mapProxy(inbound.path, settings.namespace)
      if (service === undefined) return inbound.fail(noService(inbound, settings.namespace))
      inbound.service = service
      if (pipeline.isEmpty) return new ProxyCall(room, inbound, undefined).start()
      const { timeout } = serviceSettings(settings, service)
      const context = new RequestContext(inbound, 'proxy', service, '', inbound.head.timeout ?? timeout)
      beforeCall(pipeline, context, inbound, () => {
        inbound.service = context.service
        new ProxyCall(room, inbound, context).start()
      })
    },
  }
}

export function noService(inbound: Inbound, namespace: string): MicroError {
  const path = inbound.path.slice(0, 100)
  const detail = `${path} names no service: the proxy handler expects /NAME/… for ${namespace}.NAME or /v1/NAME/… for ${namespace}.v1.NAME`
  return new MicroError('go.micro.client', 404, detail, { reason: 'no_route' })
}
