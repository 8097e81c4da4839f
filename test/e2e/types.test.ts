import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const USE = `
import {
  type Balancer, ConfigError, createSidecar, defineConfig, defineMiddleware, definePlugin, MicroError, type MicroConfig,
  type Plugin, type Registry, type Service, type Sidecar,
} from 'micro-sidecar'

export const config: MicroConfig = defineConfig({
  handler: 'proxy',
  client: { timeout: '2s', retries: 2, breaker: false },
  services: { 'go.micro.srv.greeter': { timeout: 500 } },
  middleware: [(request, response, next) => { response.setHeader('x-url', request.url ?? ''); next() }],
  profiles: { production: { address: ':8081' } },
})
// @ts-expect-error a key that there is not
defineConfig({ handlr: 'proxy' })
// @ts-expect-error a value that is not allowed
defineConfig({ handler: 'grpc' })
// @ts-expect-error a value of the wrong type
defineConfig({ client: { retries: 'many' } })
// @ts-expect-error a wrong key in a profile
defineConfig({ profiles: { production: { adress: ':8081' } } })
// @ts-expect-error a wrong value in a profile
defineConfig({ profiles: { production: { handler: 'grpc' } } })
// @ts-expect-error a profile in a profile
defineConfig({ profiles: { production: { profiles: {} } } })
// @ts-expect-error a moment that there is not
defineMiddleware({ name: 'x', onRequset() {} })
// @ts-expect-error a plugin without a name
definePlugin({ start() {} })

defineConfig(({ profile, env }) => ({ name: env.NAME ?? profile ?? 'x' }))
defineConfig(async () => ({ handler: 'rpc' }))

export const guard = defineMiddleware({
  name: 'guard',
  onRequest(context) {
    context.headers['x-from'] = context.remoteAddress
    if (context.service === '') context.answer(403, { reason: 'no' })
    // @ts-expect-error the id of a request stays
    context.id = 'other'
  },
  onError: (_context, error) => (error instanceof MicroError ? new MicroError(error.id, 500, 'other') : undefined),
})

const first: Balancer = { name: 'first', pick: ([node], call) => { if (!node) throw new Error(call.service); return node } }
export const plugin: Plugin = definePlugin({ name: 'mine', balancer: () => first, start: (sidecar) => { sidecar.url.length } })

export async function embed(registry: Registry): Promise<readonly Service[]> {
  const sidecar: Sidecar = await createSidecar({ registry, plugins: [plugin], middleware: [guard] })
  await sidecar.start()
  const { msg } = await sidecar.call<{ msg: string }>('go.micro.srv.greeter', 'Say.Hello', { name: 'John' })
  const response = await sidecar.fetch('/greeter/' + msg, { method: 'POST' })
  // @ts-expect-error the address is told, not set
  sidecar.address = response.url
  await sidecar.stop()
  return sidecar.registry.getService('go.micro.srv.greeter')
}
export const faults = (error: unknown) => (error instanceof ConfigError ? error.faults.map(({ line, path }) => [line, path]) : [])
`

const TESTING = `
import { registryConformance } from 'micro-sidecar/testing'
export const suite: Function = registryConformance
`

test.each([
  ['node16', 'node16', ['mts', 'cts'], false],
  ['nodenext', 'nodenext', ['mts', 'cts'], true],
  ['bundler', 'esnext', ['ts'], true],
])(
  'under moduleResolution %s right uses compile and wrong ones do not',
  async (moduleResolution, module, kinds, skipLibCheck) => {
    const folder = join(inject('installed'), `types-${moduleResolution}`)
    await mkdir(folder)
    for (const kind of kinds) {
      await writeFile(join(folder, `use.${kind}`), USE)
      await writeFile(join(folder, `testing.${kind}`), TESTING)
    }
    const compilerOptions = { module, moduleResolution, target: 'es2022', strict: true, noEmit: true, skipLibCheck }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }))
    expect(await compile(folder)).toBe('')
  },
)

async function compile(folder: string): Promise<string> {
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder])
    return stdout
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  }
}
