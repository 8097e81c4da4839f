import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseArguments } from '../../src/config/arguments.js'
import { FLAGS } from '../../src/config/flags.js'

const parse = (line: string) => parseArguments(line.split(' ').filter((word) => word !== ''))
const flagsOf = (line: string) => {
  const { flags, faults } = parse(line)
  expect(faults).toEqual([])
  return Object.fromEntries(flags)
}
const faultsOf = (line: string) => parse(line).faults.map(({ source, message }) => `${source}: ${message}`)

describe('commands and words', () => {
  test.each([
    ['', undefined, [], []],
    ['start', 'start', [], []],
    ['sidecar --address=:8081', 'sidecar', [], []],
    ['--registry=mdns sidecar --address=:8081', 'sidecar', [], []],
    ['--registry mdns sidecar', 'sidecar', [], []],
    ['--enable_tls sidecar', 'sidecar', [], []],
    ['get service go.micro.srv.greeter', 'get', ['service', 'go.micro.srv.greeter'], []],
    ['query --profile=x S M {"a":1}', 'query', ['S', 'M', '{"a":1}'], []],
    ['run --profile=x -- node app.js --config=mine -- x', 'run', [], ['node', 'app.js', '--config=mine', '--', 'x']],
    ['run -- ', 'run', [], []],
    ['publish topic -', 'publish', ['topic', '-'], []],
  ])('%j', (line, command, positionals, afterDashes) => {
    expect(parse(line)).toMatchObject({ command, positionals, afterDashes, faults: [] })
  })
})

describe('flags', () => {
  test.each([
    ['--server_name=x', { server_name: 'x' }],
    ['--server-name=x', { server_name: 'x' }],
    ['--server_name x', { server_name: 'x' }],
    ['--server-name x sidecar', { server_name: 'x' }],
    ['-registry=memory', { registry: 'memory' }],
    ['--log_level debug --log-format=json', { 'log-level': 'debug', 'log-format': 'json' }],
    ['--token_file=a', { 'token-file': 'a' }],
    ['--client_retries -1', { client_retries: '-1' }],
    ['--address=', { address: '' }],
    ['--config=a=b', { config: 'a=b' }],
    ['--enable_tls', { enable_tls: true }],
    ['--enable_tls=true --enable-stats=0', { enable_tls: true, enable_stats: false }],
    ['--watch', { watch: true }],
    ['--no-watch', { watch: false }],
    ['--no_enable_tls', { enable_tls: false }],
    ['--help', { help: true }],
    ['-h', { help: true }],
    ['--version', { version: true }],
    ['-v', { version: true }],
    ['--handler=rpc --handler=proxy', { handler: 'proxy' }],
    ['--cors=http://a --cors=http://b,http://c', { cors: 'http://a,http://b,http://c' }],
  ])('%s', (line, flags) => {
    expect(flagsOf(line)).toEqual(flags)
  })

  test('a value may hold spaces', () => {
    expect(parseArguments(['--token-file', 'my file']).flags.get('token-file')).toBe('my file')
  })

  test.each([
    ['--adress=:1', ['flag --adress: unknown flag, did you mean --address?']],
    ['--regsitry x', ['flag --regsitry: unknown flag, did you mean --registry?']],
    ['--clientretries=2', ['flag --clientretries: unknown flag, did you mean --client_retries?']],
    ['--zzz', ['flag --zzz: unknown flag; --help lists the known ones']],
    ['--no-address', ['flag --no-address: unknown flag, did you mean --address?']],
    ['--constructor', ['flag --constructor: unknown flag; --help lists the known ones']],
    ['--registry', ['flag --registry: it has no value, allowed: --registry=NAME']],
    ['--registry --broker=x', ['flag --registry: it has no value, allowed: --registry=NAME']],
    ['--registry -- x', ['flag --registry: it has no value, allowed: --registry=NAME']],
    ['--help=perhaps', ['flag --help: found "perhaps", allowed: true or false']],
  ])('%s is at fault', (line, faults) => {
    expect(faultsOf(line)).toEqual(faults)
  })

  test('every fault is told', () => {
    expect(faultsOf('--x start --y --registry')).toHaveLength(3)
  })
})

describe('the table', () => {
  const original = [
    ...'registry registry_address broker broker_address selector transport client_request_timeout'.split(' '),
    ...'client_retries client_pool_size client_pool_ttl register_ttl register_interval enable_tls'.split(' '),
    ...'tls_cert_file tls_key_file tls_client_ca_file enable_acme acme_hosts enable_stats'.split(' '),
    ...'proxy_address sidecar_address sidecar_handler sidecar_namespace sidecar_cors'.split(' '),
  ]
  const own = 'address cors handler namespace server_name server_address healthcheck_url'.split(' ')
  const added = 'config profile log-level log-format token-file watch queue version help'.split(' ')

  test('holds every original flag with its variables, and the new ones', () => {
    const env = Object.fromEntries(FLAGS.map((flag) => [flag.name, flag.env]))
    for (const name of original) expect(env[name], name).toEqual([`MICRO_${name.toUpperCase()}`])
    for (const name of own) {
      expect(env[name], name).toEqual([`MICRO_${name.toUpperCase()}`, `MICRO_SIDECAR_${name.toUpperCase()}`])
    }
    expect(new Set(Object.keys(env))).toEqual(new Set([...original, ...own, ...added]))
  })

  test.each(FLAGS.map((flag) => [flag.name, flag] as const))('--%s can be parsed and says what it is', (_, flag) => {
    expect(flag.description).toMatch(/^\S.{2,}[^.]$/)
    const word = flag.kind === 'switch' ? `--${flag.name}` : `--${flag.name}=1`
    for (const spelling of [word, word.replaceAll('_', '-')]) {
      expect(parseArguments([spelling]).flags.has(flag.name)).toBe(true)
    }
    expect(flag.argument === '').toBe(flag.kind === 'switch')
  })
})

test('property: no list of words makes it throw, and none is lost', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--', '-', '---', '--=', '--registry', '--cors', '--help', '-x', '--no-'),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
      const { command, positionals, afterDashes, flags, faults } = parseArguments(argv)
      const kept = (command === undefined ? 0 : 1) + positionals.length + afterDashes.length
      expect(kept).toBeLessThanOrEqual(argv.length)
      if (flags.size === 0 && faults.length === 0) expect(kept + (argv.includes('--') ? 1 : 0)).toBe(argv.length)
    }),
  )
})
