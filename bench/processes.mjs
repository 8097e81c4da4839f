// Starts processes on chosen cores and reads what they cost from /proc.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'

const running = new Set()

export const has = (command) => spawnSync('which', [command]).status === 0

/** One core for the process under test, the other for backend and load. */
export const pinned = has('taskset') && availableParallelism() > 1

// What the bench itself does (it reads the access log) must not stand on the core under test.
if (pinned) spawnSync('taskset', ['-cp', '1', String(process.pid)])

const onCore = (core, command, args) => (pinned ? ['taskset', ['-c', String(core), command, ...args]] : [command, args])

/** Resolves when the process has written `listening` (or, with `ready: 'port'`, when its port accepts). */
export async function start({ core, command, args, cwd, env, port, ready = 'line' }) {
  const [file, argv] = onCore(core, command, args)
  const begun = performance.now()
  const child = spawn(file, argv, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  await new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`${command} ${args.join(' ')} did not start\n${output}`))
    const limit = setTimeout(fail, 20_000)
    const done = () => {
      clearTimeout(limit)
      resolve()
    }
    child.once('error', fail)
    child.once('exit', fail)
    child.stdout.on('data', (chunk) => {
      // Read on for good, so that an access log costs what a reader makes it cost.
      if (ready === 'line' && output.length < 10_000) output += chunk
      if (ready === 'line' && output.includes('listening')) done()
    })
    if (ready === 'port') whenAccepting(port).then(done, fail)
  })
  return { pid: child.pid, child, listening: performance.now() - begun, port }
}

export async function stop({ child }) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), 3000)
  await gone
  clearTimeout(limit)
}

export const stopAll = () => Promise.all([...running].map((child) => stop({ child })))

/** Runs a command to its end on a core; its standard output. */
export function run({ core, command, args }) {
  const [file, argv] = onCore(core, command, args)
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve(output) : reject(new Error(`${command}: ${errors}${output}`))))
  })
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** User and system time of all threads, in microseconds. Undefined where there is no /proc. */
export function cpuTime(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond()) * 1e6
  } catch {
    return undefined
  }
}

export function residentMegabytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024
  } catch {
    return undefined
  }
}

let ticks

function ticksPerSecond() {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return ticks
}

async function whenAccepting(port) {
  const { connect } = await import('node:net')
  for (let tries = 0; tries < 100; tries++) {
    const accepted = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (accepted) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing accepts on port ${port}`)
}
