// Folders for one run: what is in them is gone with it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders = []

process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'micro-sidecar-bench-'))
  folders.push(folder)
  return folder
}
