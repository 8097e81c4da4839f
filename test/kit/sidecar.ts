import type { AddressInfo, Server } from 'node:net'
import { afterEach } from 'vitest'
import { createSidecar, type MicroConfig, type Sidecar } from '../../src/index.js'

const open: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close()
})

/** Closed after the test, last opened first. */
export function closeAfterwards(close: () => Promise<unknown> | unknown): void {
  open.push(close)
}

/** A started sidecar on a free port of 127.0.0.1, stopped after the test. */
export async function startSidecar(config: MicroConfig = {}): Promise<Sidecar> {
  const sidecar = await createSidecar({
    address: '127.0.0.1:0',
    registry: 'memory',
    drain: { grace: 500, hard: 1000 },
    log: { level: 'silent' },
    ...config,
  })
  closeAfterwards(() => sidecar.stop())
  await sidecar.start()
  return sidecar
}

/** Registers one node of a service in the sidecar's registry. */
export async function register(
  sidecar: Sidecar,
  name: string,
  port: number,
  metadata: Record<string, string> = {},
  id = `${name}-${port}`,
): Promise<void> {
  await sidecar.registry.register({
    name,
    version: '',
    metadata: {},
    endpoints: [],
    nodes: [{ id, address: '127.0.0.1', port, metadata }],
  })
}

/** Listens on a free port of 127.0.0.1, closed after the test; resolves to the port. */
export function listen(server: Server): Promise<number> {
  closeAfterwards(() => new Promise((resolve) => server.close(resolve)))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
