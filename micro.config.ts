// What `npm start` runs. Change it and start again: every key is in docs/configuration.md.
import { defineConfig } from 'micro-sidecar'
import { greeter } from './examples/greeter/plugin.ts'

export default defineConfig({
  // Where callers reach the sidecar. ':8081' is every interface, port 0 any free one.
  address: '127.0.0.1:8081',

  // 'rpc' turns paths into calls:     POST /greeter/say/hello  ->  Say.Hello of go.micro.srv.greeter
  // 'proxy' passes requests through:  any /greeter/...         ->  a node of go.micro.srv.greeter, unchanged
  handler: 'rpc',
  namespace: 'go.micro.srv',

  // Who is there. 'memory' learns it from POST /registry and from plugins.
  registry: 'memory',

  // How every call is made; `services` says it for one service.
  client: { timeout: '5s', retries: 1 },
  services: { 'go.micro.srv.greeter': { timeout: '2s' } },

  // Code that sees every request. This one answers with a header of its own.
  middleware: [
    {
      name: 'powered-by',
      onResponse(context) {
        if (context.response) context.response.headers['powered-by'] = 'micro-sidecar'
      },
    },
  ],

  // Parts that start and stop with the sidecar. This one runs the greeter, so that there is something to call.
  plugins: [greeter()],

  // Laid over the rest by `--profile NAME`, MICRO_PROFILE or NODE_ENV.
  profiles: {
    proxy: { handler: 'proxy' },
    production: { address: ':8081', log: { format: 'json' } },
  },
})
