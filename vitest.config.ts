import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// These and `load` run the packed program; building and installing it takes a while, so only they wait for it.
const install = 'test/e2e/support/install.ts'
const load = ['test/load/**/*.test.ts']
const packed = ['test/e2e/**/*.test.ts', 'test/package.test.ts']

export default defineConfig({
  resolve: {
    alias: [
      { find: 'micro-sidecar/testing', replacement: here('./src/testing.ts') },
      { find: 'micro-sidecar', replacement: here('./src/index.ts') },
    ],
  },
  test: {
    testTimeout: 20_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // A bound in milliseconds must hold in two runs of three, and CI's machines are noisy; counts hold always.
    retry: process.env.CI === undefined ? 0 : 2,
    projects: [
      { extends: true, test: { name: 'source', include: ['test/**/*.test.ts'], exclude: [...packed, ...load] } },
      { extends: true, test: { name: 'packed', include: packed, globalSetup: install, testTimeout: 60_000 } },
      {
        extends: true,
        // What these offer and measure would be somebody else's load: alone, one after the other, after all the rest.
        test: {
          name: 'load',
          include: load,
          globalSetup: install,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
