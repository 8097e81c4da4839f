import { defineConfig } from 'tsup'

const sdk = { index: 'src/index.ts', testing: 'src/testing.ts' }
const common = { target: 'node20.19', splitting: true } as const

const code = [
  // One build, so that the command and a configuration's `import 'micro-sidecar'` share every class.
  { ...common, entry: { ...sdk, cli: 'src/cli/cli.ts' }, format: 'esm' as const },
  { ...common, entry: sdk, format: 'cjs' as const },
]
const types = { ...common, entry: sdk, format: ['esm' as const, 'cjs' as const], dts: { only: true } }

// With --no-dts the types' build would make code as well, and write the same files at the same time.
export default defineConfig(({ dts }) => (dts === false ? code : [...code, types]))
