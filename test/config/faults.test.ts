import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { ENVIRONMENT, FLAG_MISTAKES, MISTAKES, VARIABLE_MISTAKES } from './mistakes.js'
import { faultsOf, load, loadFiles, workspace } from './workspace.js'

const GOLDEN = '../fixtures/config'

const FORMATS = {
  json: (config: unknown) => JSON.stringify(config, undefined, 2),
  yaml: (config: unknown) => stringify(config),
  ts: (config: unknown) => {
    const literal = JSON.stringify(config, undefined, 2).replace(/"(\w+)":/g, '$1:')
    return `interface Any { [key: string]: unknown }\n// The mistake:\nexport default ${literal} satisfies Any\n`
  },
}

test.each(Object.entries(FORMATS))('R23: the faults of mistakes in a .%s file', async (extension, textOf) => {
  const folder = await workspace({})
  const texts: string[] = []
  for (const { name, config } of MISTAKES) {
    await writeFile(`${folder}/micro.config.${extension}`, textOf(config))
    texts.push(`# ${name}\n${await faultsOf(load(folder, { env: ENVIRONMENT }))}`)
  }
  const golden = `${texts.join('\n\n')}\n`
  expect(texts.length).toBeGreaterThanOrEqual(30)
  expect(golden, 'S14: no secret in it').not.toContain('canary')
  expect(golden, 'a line for each').not.toMatch(/^(?!#|$|micro\.config\.\w+:\d+:\d+ {2}\S)/m)
  await expect(golden).toMatchFileSnapshot(`${GOLDEN}/faults.${extension}.golden.txt`)
})

test('R23: the faults of mistakes in flags', async () => {
  const folder = await workspace({})
  const texts: string[] = []
  for (const argv of FLAG_MISTAKES) texts.push(`# ${argv.join(' ')}\n${await faultsOf(load(folder, { argv }))}`)
  expect(texts.length).toBeGreaterThanOrEqual(30)
  await expect(`${texts.join('\n\n')}\n`).toMatchFileSnapshot(`${GOLDEN}/faults.flags.golden.txt`)
})

test('R23: the faults of mistakes in the environment', async () => {
  const folder = await workspace({})
  const texts: string[] = []
  for (const env of VARIABLE_MISTAKES) {
    const names = Object.entries(env).map(([name, text]) => `${name}=${text.replace('canary', 'c…')}`)
    texts.push(`# ${names.join(' ')}\n${await faultsOf(load(folder, { env }))}`)
  }
  const golden = `${texts.join('\n\n')}\n`
  expect(texts.length).toBeGreaterThanOrEqual(30)
  expect(golden, 'S14: no secret in it').not.toContain('canary')
  await expect(golden).toMatchFileSnapshot(`${GOLDEN}/faults.environment.golden.txt`)
})

test('R23: live values in a script', async () => {
  const text = `
const registry = { name: 'mine', register() {}, deregister() {} }
class Pick { pick() {} }
export default {
  registry,
  client: { balancer: { choose() {} } },
  services: { a: { balancer: new Pick() }, b: { balancer: new Date() } },
  name: () => 'x',
  limits: new Map(),
  log: { level: Symbol('info') },
  drain: { hard: 10n },
  cors: [/x/],
  middleware: [
    () => {},
    { name: 'a', onRequest() {} },
    { name: 'b' },
    { onRequest() {} },
    [false, null, undefined, [{ name: '' }]],
  ],
  plugins: [false, { name: 'one' }, [{ name: 3 }, 'two']],
}
`
  const golden = await faultsOf(loadFiles({ 'micro.config.ts': text }))
  await expect(`${golden}\n`).toMatchFileSnapshot(`${GOLDEN}/faults.live.golden.txt`)
})

test('R23: a plugin has the members that it is called for, and may have others', async () => {
  const text = `export default {
  plugins: [
    { name: 'a', start: 3, stop() {}, own: 1 },
    { name: 'b', registry: 'mine', balancer: () => ({}), middleware: 'x', routes: {} },
    { name: 'c', broker: 3, commands: [] },
  ],
}
`
  expect((await faultsOf(loadFiles({ 'micro.config.mjs': text }))).split('\n')).toEqual([
    'micro.config.mjs:3:18  plugins[0].start: found 3, allowed: a function',
    expect.stringMatching(
      /^micro\.config\.mjs:4:18 {2}plugins\[1\]\.registry: found "mine", allowed: an object, or a func/,
    ),
    'micro.config.mjs:4:58  plugins[1].middleware: found "x", allowed: a function, an object with a name, or a list of them',
    'micro.config.mjs:4:75  plugins[1].routes: found an object, allowed: a list of { path, handle }',
    'micro.config.mjs:5:18  plugins[2].broker: found 3, allowed: an object, or a function that returns one',
    'micro.config.mjs:5:29  plugins[2].commands: not available in this version',
  ])
})

test('R23: file, environment and flags are told together', async () => {
  const call = { env: { MICRO_CLIENT_RETRIES: 'x' }, argv: ['--handler=rcp', '--adress=x'] }
  const found = await faultsOf(loadFiles({ 'micro.config.yaml': 'nmae: x\ndrain: { hard: 1s }\n' }, call))
  expect(found.split('\n').map((line) => line.slice(0, line.indexOf(': ')))).toEqual([
    expect.stringMatching(/^flag --adress {2}unknown flag/),
    'micro.config.yaml:1:1  nmae',
    'micro.config.yaml:2:10  drain.hard',
    'environment MICRO_CLIENT_RETRIES  client.retries',
    'flag --handler  handler',
  ])
})
