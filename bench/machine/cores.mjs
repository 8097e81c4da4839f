// One core for the process under test; backend, load and the bench itself share another.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { has } from './installed.mjs'

const [first = 0, second] = allowed()

export const testedCore = first
export const loadCore = second
/** Without it nothing is kept apart, and neighbours cannot be told from our own. */
export const pinned = second !== undefined && has('taskset')

/** What the bench itself does must not stand on the core under test. */
export function leaveTestedCore() {
  if (pinned) spawnSync('taskset', ['-acp', String(loadCore), String(process.pid)], { stdio: 'ignore' })
}

export const onCore = (core, command, args) =>
  pinned ? ['taskset', ['-c', String(core), command, ...args]] : [command, args]

/** The cores this process may run on: in a container they need not begin with 0. */
function allowed() {
  try {
    const [, list] = /Cpus_allowed_list:\s+(\S+)/.exec(readFileSync('/proc/self/status', 'latin1'))
    return list.split(',').flatMap((range) => {
      const [from, to = from] = range.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index)
    })
  } catch {
    return []
  }
}
