// The servers that are not written in JavaScript, each a process of its own with one thread for traffic, its
// configuration in a folder that goes with the run; no service of the system is touched.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testedCore } from '../machine/cores.mjs'
import { temporaryFolder } from '../machine/folders.mjs'
import { freePort } from '../machine/ports.mjs'
import { start } from '../machine/processes.mjs'
import { caddyConfig } from './caddy-config.mjs'
import { haproxyConfig } from './haproxy-config.mjs'
import { nginxConfig } from './nginx-config.mjs'

export const nginx = (backend) =>
  startServer('nginx', backend, nginxConfig, (folder, file) => [
    '-p',
    folder,
    '-e',
    join(folder, 'error.log'),
    '-c',
    file,
  ])

export const haproxy = (backend) =>
  startServer('haproxy', backend, haproxyConfig, (_folder, file) => ['-db', '-f', file])

export const caddy = (backend) =>
  startServer('caddy', backend, caddyConfig, (_folder, file) => ['run', '--adapter', 'caddyfile', '--config', file])

async function startServer(command, backend, config, argsOf) {
  const port = await freePort()
  const folder = temporaryFolder()
  const file = join(folder, `${command}.conf`)
  writeFileSync(file, config(port, backend.port))
  const env = { PATH: process.env.PATH, HOME: folder }
  return start({ core: testedCore, command, args: argsOf(folder, file), cwd: folder, env, port, ready: 'port' })
}
