// What processes and cores have cost, from /proc. Undefined where there is none.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** User and system time of all threads of a process, in microseconds. */
export const cpuTime = (pid) => sumOf(statOf(pid), 11, 12)

/** The same of this process and of every child that has ended. */
export const ownCpuTime = () => sumOf(statOf('self'), 11, 12, 13, 14)

export function residentMegabytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024
  } catch {
    return undefined
  }
}

/** Of a core, in microseconds: `work` of processes, and `steal`, what the machine below gave to others. */
export function coreTimes(core) {
  try {
    const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'latin1'))[1]
    const [user, nice, system, , , , , steal] = line.split(' ').map(microseconds)
    return { work: user + nice + system, steal }
  } catch {
    return undefined
  }
}

function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
  } catch {
    return undefined
  }
}

function sumOf(fields, ...places) {
  return fields && places.reduce((sum, place) => sum + microseconds(fields[place]), 0)
}

let ticks

function microseconds(count) {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return (Number(count) / ticks) * 1e6
}
