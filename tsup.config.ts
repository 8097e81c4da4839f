import { defineConfig } from 'tsup'

export default defineConfig([
  {
    entry: { index: 'src/index.ts', testing: 'src/testing.ts' },
    format: ['esm', 'cjs'],
    dts: true,
    target: 'node20',
    clean: true,
    splitting: true,
    treeshake: true,
  },
  { entry: { cli: 'src/cli/cli.ts' }, format: ['esm'], target: 'node20', splitting: true },
])
