import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { link, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeStaleSocket } from '../../src/http/stale-socket.js'
import { startSidecar } from '../kit/sidecar.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'micro-sidecar-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** What a process that is killed leaves behind: a second name keeps the file when the listener takes its own away. */
async function staleSocket(): Promise<string> {
  const path = join(folder, 'stale')
  const server = createServer().listen(join(folder, 'own'))
  await once(server, 'listening')
  await link(join(folder, 'own'), path)
  server.close()
  await once(server, 'close')
  return path
}

test('a sidecar starts again where a killed one has left its socket', async () => {
  const path = await staleSocket()
  const sidecar = await startSidecar({ address: `unix:${path}` })
  expect((await sidecar.fetch('/livez')).status).toBe(200)
})

test('a socket that somebody listens at is in use', async () => {
  const path = join(folder, 'alive')
  await startSidecar({ address: `unix:${path}` })
  await expect(startSidecar({ address: `unix:${path}` })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(existsSync(path)).toBe(true)
})

test('a file that is no socket is left alone, and so is nothing at all', async () => {
  const path = join(folder, 'file')
  await writeFile(path, 'mine')
  await removeStaleSocket(path)
  expect(existsSync(path)).toBe(true)
  await removeStaleSocket(join(folder, 'nothing'))
})
