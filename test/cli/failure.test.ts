import { expect, test } from 'vitest'
import { failureLine } from '../../src/cli/failure.js'

const listening = (code: string) => Object.assign(new Error(`listen ${code}`), { code, syscall: 'listen' })

test.each([
  ['EADDRINUSE', '127.0.0.1:8081', /^micro-sidecar: 127\.0\.0\.1:8081 is in use .* --address=127\.0\.0\.1:8082 .*\n$/],
  ['EADDRINUSE', ':65535', /--address=:8081 /],
  ['EADDRINUSE', 'unix:/run/s', /unix:\/run\/s is in use .*--address=unix:\/run\/s\.2\n$/],
  [
    'EACCES',
    '127.0.0.1:80',
    /^micro-sidecar: not permitted to listen on 127\.0\.0\.1:80: .* --address=127\.0\.0\.1:8081\n$/,
  ],
  ['EACCES', 'unix:/run/locked/s', /its folder does not let this user/],
  ['EADDRNOTAVAIL', '10.1.1.1:80', /not have the address 10\.1\.1\.1:80: .*--address=127\.0\.0\.1:80 .*--address=:80 /],
])('%s on %s is one line that says what to do', (code, address, line) => {
  expect(failureLine(listening(code), address)).toMatch(line)
})

test('any other failure is one line with its causes, without a stack', () => {
  const error = new Error('plugin "greeter" did not start', { cause: new Error('no\nport') })
  expect(failureLine(error, ':8081')).toBe('micro-sidecar: plugin "greeter" did not start: no port\n')
  expect(failureLine('odd', ':8081')).toBe('micro-sidecar: odd\n')
})
