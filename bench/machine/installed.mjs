import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter } from 'node:path'

// Where Debian keeps the servers, and the PATH of users who are not root does not look.
process.env.PATH = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter)

export const has = (command) => spawnSync('which', [command], { stdio: 'ignore' }).status === 0

/** The version that a command tells of itself. */
export function reported(command, flag) {
  const { stdout, stderr } = spawnSync(command, [flag], { encoding: 'utf8' })
  return /\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? '(version unknown)'
}

/** Undefined where the package is not installed; without a name, our own. */
export function packageVersion(name) {
  const folder = name === undefined ? '../..' : `../../node_modules/${name}`
  try {
    return JSON.parse(readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8')).version
  } catch {
    return undefined
  }
}
