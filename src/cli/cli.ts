#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

keepCompiledCode()
// A reader that has gone (`| head`) is no fault of the command's.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

// What a run does not need is not loaded: each command is a module of its own.
const { main } = await import('./main.js')
const code = await main(process.argv.slice(2))
await Promise.race([Promise.all([process.stdout, process.stderr].map(written)), pause(1000)])
process.exit(code)

// In the user's own cache, since one in a shared folder could be filled by somebody else. Node 20 has none.
function keepCompiledCode(): void {
  const enable: unknown = Reflect.get(nodeModule, 'enableCompileCache')
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  if (typeof enable === 'function') enable(process.env.NODE_COMPILE_CACHE ?? join(cache, 'micro-sidecar', 'compiled'))
}

// A pipe takes what is written when its reader is ready for it.
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}
