import { once } from 'node:events'
import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'

/** Milliseconds after which something that does not answer counts as alive. */
const PATIENCE = 1000

/** A process that was killed leaves the file of its unix socket behind, where nobody can listen until it is gone. */
export async function removeStaleSocket(path: string): Promise<void> {
  const file = await lstat(path).catch(() => undefined)
  if (file?.isSocket() && (await isRefused(path))) await unlink(path).catch(() => undefined)
}

async function isRefused(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE) })
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
  } finally {
    socket.on('error', () => undefined)
    socket.destroy()
  }
}
