import { readFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { endAll, folder, listening } from './support/command.js'

afterEach(endAll)

test('R25: a configuration in TypeScript adds next to nothing to the memory that a sidecar takes', async () => {
  const file = "enum N { A = 'a' }\nexport default { name: N.A satisfies string }"
  const { path, remove } = await folder({ 'micro.config.ts': file })
  const [without, typescript] = [await megabytes(), await megabytes(path)]
  expect(typescript - without).toBeLessThan(15)
  await remove()
})

/** Resident, of a sidecar that listens and has loaded its admin paths. */
async function megabytes(cwd?: string): Promise<number> {
  const { child, url } = await listening(['--address=127.0.0.1:0'], cwd === undefined ? {} : { cwd })
  await (await fetch(`${url}/registry`)).text()
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}
