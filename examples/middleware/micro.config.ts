// Middleware in its three moments, beside a plain Express function.
// Run it: npx micro-sidecar --config examples/middleware/micro.config.ts
// Then:   curl -i -d '{"name":"John"}' -H 'Content-Type: application/json' localhost:8081/greeter/say/hello
import { defineConfig, defineMiddleware, type ExpressMiddleware, MicroError } from 'micro-sidecar'
import { greeter } from '../greeter/plugin.ts'

// Answers by itself: such a request goes no further.
const guard = defineMiddleware({
  name: 'guard',
  onRequest(context) {
    if (context.headers['x-banned'] !== undefined) context.answer(403, { reason: 'banned' })
  },
})

// Sees a request go and its answer come.
const stopwatch = defineMiddleware({
  name: 'stopwatch',
  onRequest(context) {
    context.state.set(stopwatch, performance.now())
  },
  onResponse(context) {
    const taken = performance.now() - Number(context.state.get(stopwatch))
    if (context.response) context.response.headers['x-took'] = `${taken.toFixed(1)}ms`
  },
})

// Turns one error into another.
const apology = defineMiddleware({
  name: 'apology',
  onError(_context, error) {
    if (error instanceof MicroError && error.code === 404) {
      return new MicroError(error.id, 404, `sorry, ${error.detail}`, { reason: error.reason })
    }
  },
})

// Anything made for Express fits too; it makes traffic slower, so prefer the moments.
const hello: ExpressMiddleware = (_request, response, next) => {
  response.setHeader('x-express', 'was here')
  next()
}

export default defineConfig({
  registry: 'memory',
  middleware: [hello, guard, stopwatch, apology],
  plugins: [greeter()],
})
