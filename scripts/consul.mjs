// Prints where a Consul binary for the tests is: in PATH, in the cache folder, or, after `--build`, built there with Go.
// Ends with 1 where there is none.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const VERSION = 'v1.15.3'
// Of Consul's source and of its go.mod; Go checks what it depends on by itself.
const SUMS = ['h1:ErNocU3HT14vdAdBpO/42pjkEpSkZYwuHzTzvrlmr0c=', 'h1:1QKHYW8gFUv99PSzrxFeJywkeIjYE4ZT6QlB1WqWskY=']

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'micro-sidecar')
const cached = join(cache, 'consul')

/** @returns {string | undefined} */
export function findConsul() {
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'consul'))
  return [...places, cached].find((place) => existsSync(place) && runs(place))
}

/** A few minutes, and some gigabytes in Go's own caches. Several at once each build; the last one stays. */
export function buildConsul() {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'micro-consul-'))
  try {
    compile(folder)
    const binary = join(folder, 'consul')
    if (!runs(binary)) throw new Error('the binary that was built does not run')
    // A rename works only within one file system.
    const beside = join(cache, `consul.${process.pid}`)
    execFileSync('cp', [binary, beside])
    renameSync(beside, cached)
    return cached
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// `go install consul@version` refuses a module whose go.mod excludes versions, so Consul is the one dependency of a
// module made here, which excludes the same.
function compile(folder) {
  const lines = ['module consul-for-tests', 'go 1.20', `require github.com/hashicorp/consul ${VERSION}`]
  for (const version of ['v1.1.5', 'v1.1.6']) lines.push(`exclude github.com/hashicorp/go-msgpack ${version}`)
  writeFileSync(join(folder, 'go.mod'), `${lines.join('\n')}\n`)
  const sums = [`${VERSION} ${SUMS[0]}`, `${VERSION}/go.mod ${SUMS[1]}`]
  writeFileSync(join(folder, 'go.sum'), sums.map((sum) => `github.com/hashicorp/consul ${sum}\n`).join(''))
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GO111MODULE: 'on' }
  const build = ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', 'consul', 'github.com/hashicorp/consul']
  const { status, error } = spawnSync('go', build, { cwd: folder, env, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(error ? `go is needed to build Consul: ${error.message}` : 'go could not build it')
}

function runs(binary) {
  return spawnSync(binary, ['version'], { stdio: 'ignore', timeout: 10_000 }).status === 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findConsul() ?? (process.argv.includes('--build') ? buildConsul() : undefined)
  process.stdout.write(found === undefined ? 'no Consul here: run node scripts/consul.mjs --build\n' : `${found}\n`)
  process.exitCode = found === undefined ? 1 : 0
}
