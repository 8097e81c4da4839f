// Starts processes on chosen cores, and ends them: those that it started, and no others.
import { spawn } from 'node:child_process'
import { onCore } from './cores.mjs'
import { whenAccepting } from './ports.mjs'

const startLimit = 20_000
const stopLimit = 3000
const running = new Set()

/**
 * Resolves when the process has written `listening` (or, with `ready: 'port'`, when its port accepts). `onOutput` is
 * handed what it writes on standard output.
 */
export async function start({ core, command, args, cwd, env, port, ready = 'line', onOutput = ignore }) {
  const [file, argv] = onCore(core, command, args)
  const begun = performance.now()
  const child = spawn(file, argv, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('exit', () => running.delete(child))
  // Read for good, so that a log costs what a reader makes it cost.
  child.stdout.on('data', onOutput)
  try {
    await whenReady(child, ready === 'port' ? port : undefined)
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} did not start: ${error.message}`)
  }
  return { pid: child.pid, child, listening: performance.now() - begun, port, lastWords: wordsOf(child) }
}

/** A process that ends by itself while it is measured would only look slow. */
export function assertRunning({ child, lastWords }) {
  if (hasEnded(child)) throw new Error(`${child.spawnargs.join(' ')} has ended\n${lastWords()}`)
}

export async function stop({ child }) {
  if (hasEnded(child)) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), stopLimit)
  await gone
  clearTimeout(limit)
}

export const stopAll = () => Promise.all([...running].map((child) => stop({ child })))

/** Runs a command to its end on a core; its standard output. */
export function run({ core, command, args }) {
  const [file, argv] = onCore(core, command, args)
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    child.once('exit', () => running.delete(child))
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(output.join(''))
      else reject(new Error(`${command} ended with ${code}: ${output.join('')}`))
    })
  })
}

const hasEnded = ({ exitCode, signalCode }) => exitCode !== null || signalCode !== null

/** What it has written on standard error lately. */
function wordsOf(child) {
  let words = ''
  child.stderr.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-2000)
  })
  return () => words
}

function whenReady(child, port) {
  return new Promise((resolve, reject) => {
    let output = ''
    const limit = setTimeout(() => reject(new Error(`not within ${startLimit} ms\n${output}`)), startLimit)
    const settle = (act) => {
      clearTimeout(limit)
      act()
    }
    child.once('error', (error) => settle(() => reject(error)))
    child.once('exit', () => settle(() => reject(new Error(output))))
    child.stderr.on('data', (chunk) => {
      if (output.length < 10_000) output += chunk
    })
    child.stdout.on('data', (chunk) => {
      if (output.length < 10_000) output += chunk
      if (port === undefined && output.includes('listening')) settle(resolve)
    })
    if (port !== undefined) whenAccepting(port).then(() => settle(resolve), reject)
  })
}

function ignore() {}
