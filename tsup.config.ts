import { defineConfig } from 'tsup'

const sdk = { index: 'src/index.ts', testing: 'src/testing.ts' }
const common = { target: 'node20.19', splitting: true } as const

export default defineConfig([
  // One build, so that the command and a configuration's `import 'micro-sidecar'` share every class.
  { ...common, entry: { ...sdk, cli: 'src/cli/cli.ts' }, format: 'esm' },
  { ...common, entry: sdk, format: 'cjs' },
  { ...common, entry: sdk, format: ['esm', 'cjs'], dts: { only: true } },
])
