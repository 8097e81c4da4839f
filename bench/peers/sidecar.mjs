import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testedCore } from '../machine/cores.mjs'
import { temporaryFolder } from '../machine/folders.mjs'
import { freePort } from '../machine/ports.mjs'
import { start } from '../machine/processes.mjs'
import { registerAll } from './register.mjs'

export const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** The built sidecar as shipped, but for the access log, which is off unless asked for. It knows the backend. */
export async function sidecar(backend, { unregistered = false, ...options } = {}) {
  const places = [{ address: '127.0.0.1', port: backend.port }]
  return sidecarWith(unregistered ? [] : [serviceOf('bench', places)], options)
}

/** `options`: `handler`, `accessLog`, `nodeFlags`, and those of `start`. */
export async function sidecarWith(services, { handler = 'proxy', accessLog = false, nodeFlags = [], ...options } = {}) {
  const port = await freePort()
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'micro.config.json'), JSON.stringify({ log: { access: accessLog } }))
  const flags = [`--address=127.0.0.1:${port}`, `--handler=${handler}`, '--registry=memory', '--log-format=json']
  const env = { PATH: process.env.PATH, NODE_ENV: 'production' }
  const args = [...nodeFlags, cli, ...flags]
  const started = await start({ core: testedCore, command: process.execPath, args, cwd, env, port, ...options })
  await registerAll(port, services)
  return started
}

export function serviceOf(name, places) {
  const nodes = places.map((place, index) => ({ id: `${name}-${index + 1}`, ...place }))
  return { name: `go.micro.srv.${name}`, nodes }
}
