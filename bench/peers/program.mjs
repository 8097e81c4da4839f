// The bench's own programs, each a process of Node's.
import { fileURLToPath } from 'node:url'
import { loadCore, testedCore } from '../machine/cores.mjs'
import { freePort } from '../machine/ports.mjs'
import { start } from '../machine/processes.mjs'

export const programPath = (name) => fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url))

/** `options` are those of `start`, and `nodeFlags`. */
export async function startProgram(name, { args = [], nodeFlags = [], core = testedCore, ...options } = {}) {
  const port = await freePort()
  const argv = [...nodeFlags, programPath(name), String(port), ...args]
  return start({ core, command: process.execPath, args: argv, port, ...options })
}

/** What stands behind every proxy. */
export const startBackend = () => startProgram('backend', { core: loadCore })
