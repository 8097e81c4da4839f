#!/usr/bin/env node
import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

keepCompiledCode()
// A reader that has gone (`| head`) is no fault of the command's.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

// What a run does not need is not loaded: each command is a module of its own.
const { main } = await import('./main.js')
const code = await main(process.argv.slice(2))
if (code !== undefined) process.exitCode = code

// In the user's own cache, since one in a shared folder could be filled by somebody else. Node 20 has none.
function keepCompiledCode(): void {
  const enable: unknown = Reflect.get(nodeModule, 'enableCompileCache')
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  if (typeof enable === 'function') enable(process.env.NODE_COMPILE_CACHE ?? join(cache, 'micro-sidecar', 'compiled'))
}
