import { defineConfig } from 'tsup'

export default defineConfig([
  {
    // One build, so that the command and a configuration's `import 'micro-sidecar'` share every class.
    entry: { index: 'src/index.ts', testing: 'src/testing.ts', cli: 'src/cli/cli.ts' },
    format: 'esm',
    target: 'node20.19',
    dts: { entry: { index: 'src/index.ts', testing: 'src/testing.ts' } },
    splitting: true,
  },
  {
    entry: { index: 'src/index.ts', testing: 'src/testing.ts' },
    format: 'cjs',
    target: 'node20.19',
    dts: true,
    splitting: true,
  },
])
