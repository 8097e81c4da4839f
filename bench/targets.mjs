// What the bench compares: each target answers on a port of 127.0.0.1 and passes requests on to the same backend.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, start } from './processes.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const PROXY_CORE = 0
const LOAD_CORE = 1

export const cli = here('../dist/cli.js')

export async function backend() {
  const port = await freePort()
  return start({ core: LOAD_CORE, command: process.execPath, args: [here('./backend.mjs'), String(port)], port })
}

/** The built sidecar in an empty folder, as shipped: breaker, retries, request ids and the access log are on. */
export async function sidecar(handler, backendPort, extra = []) {
  const port = await freePort()
  const args = [
    cli,
    `--address=127.0.0.1:${port}`,
    `--handler=${handler}`,
    '--registry=memory',
    '--log-format=json',
    ...extra,
  ]
  const cwd = mkdtempSync(join(tmpdir(), 'micro-sidecar-bench-'))
  const env = { PATH: process.env.PATH, NODE_ENV: 'production' }
  const process_ = await start({ core: PROXY_CORE, command: process.execPath, args, cwd, env, port })
  if (backendPort !== undefined) await register(port, backendPort)
  return process_
}

export async function httpProxy(backendPort) {
  const port = await freePort()
  const args = [here('./http-proxy.mjs'), String(port), `http://127.0.0.1:${backendPort}`]
  return start({ core: PROXY_CORE, command: process.execPath, args, port })
}

export async function nginx(backendPort) {
  const port = await freePort()
  const prefix = mkdtempSync(join(tmpdir(), 'micro-sidecar-bench-'))
  writeFileSync(join(prefix, 'nginx.conf'), nginxConfig(port, backendPort))
  const args = ['-p', prefix, '-e', join(prefix, 'error.log'), '-c', join(prefix, 'nginx.conf')]
  return start({ core: PROXY_CORE, command: 'nginx', args, port, ready: 'port' })
}

async function register(port, backendPort) {
  const service = { name: 'go.micro.srv.bench', nodes: [{ id: 'bench-1', address: '127.0.0.1', port: backendPort }] }
  const response = await fetch(`http://127.0.0.1:${port}/registry`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(service),
  })
  if (!response.ok) throw new Error(`registration: ${response.status} ${await response.text()}`)
}

function nginxConfig(port, backendPort) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`)
  return `
daemon off;
master_process off;
worker_processes 1;
pid nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  keepalive_requests 10000000;
  upstream backend {
    server 127.0.0.1:${backendPort};
    keepalive 128;
    keepalive_requests 10000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`
}
