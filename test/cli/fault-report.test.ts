import { expect, test } from 'vitest'
import { faultReport } from '../../src/cli/fault-report.js'
import { palette } from '../../src/cli/terminal.js'

test('R23: every fault has its place, its path and a sentence, grouped by source and in order of lines', () => {
  const faults = [
    {
      source: 'micro.config.ts',
      line: 9,
      column: 3,
      path: 'cleint',
      message: 'unknown key, did you mean "client"?',
    },
    {
      source: 'environment MICRO_CLIENT_RETRIES',
      path: 'client.retries',
      message: 'must be a whole number, found "x"',
    },
    { source: 'micro.config.ts', line: 4, column: 12, path: 'client.retries', message: 'must be\na whole number' },
    { source: '/etc/micro.json', path: '', message: 'must be an object' },
  ]
  expect(faultReport(faults, palette({}))).toBe(
    [
      'micro-sidecar: the configuration has 4 faults',
      '',
      '  micro.config.ts:4:12',
      '    client.retries: must be a whole number',
      '  micro.config.ts:9:3',
      '    cleint: unknown key, did you mean "client"?',
      '  environment MICRO_CLIENT_RETRIES',
      '    client.retries: must be a whole number, found "x"',
      '  /etc/micro.json',
      '    must be an object',
      '',
    ].join('\n'),
  )
})

test('where only the command line is wrong, it says so', () => {
  const faults = [{ source: 'flag --hander', path: '', message: 'unknown flag, did you mean --handler?' }]
  expect(faultReport(faults, palette({}))).toMatch(/^micro-sidecar: the command line has a fault\n/)
})
