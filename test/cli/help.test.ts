import { expect, test } from 'vitest'
import { availableFlags, helpText } from '../../src/cli/help.js'

test('every flag that does something is in the help, and no other', () => {
  const aliases = /^sidecar_/
  const expected = availableFlags.map(({ name }) => name).filter((name) => !aliases.test(name))
  const shown = [...helpText().matchAll(/^ {2}--([\w-]+)/gm)].map(([, name]) => name?.replaceAll('-', '_'))
  expect(shown.toSorted()).toEqual(expected.map((name) => name.replaceAll('-', '_')).toSorted())
})

test('lines fit a terminal of 100 columns', () => {
  for (const line of helpText().split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
})
