import { readFile } from 'node:fs/promises'
import type { NodeProcess } from './node-process.js'

/** Registers nodes of a service at a sidecar, one version. */
export function register(url: string, service: string, nodes: readonly Pick<NodeProcess, 'name' | 'port'>[]) {
  return change('POST', url, service, nodes)
}

export function deregister(url: string, service: string, nodes: readonly Pick<NodeProcess, 'name' | 'port'>[]) {
  return change('DELETE', url, service, nodes)
}

async function change(
  method: string,
  url: string,
  service: string,
  nodes: readonly Pick<NodeProcess, 'name' | 'port'>[],
): Promise<number> {
  const body = JSON.stringify({
    name: `go.micro.srv.${service}`,
    nodes: nodes.map(({ name, port }) => ({ id: name, address: '127.0.0.1', port })),
  })
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/registry`, { method, headers, body })).status
}

/** Megabytes that a process holds in memory. */
export async function residentOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}
