// PORT PATH RATE SECONDS CONNECTIONS: requests at their times whatever becomes of those before, and how long each took
// from the moment when it was due. The latencies as JSON, in milliseconds.
import { HttpConnection } from './http-connection.mjs'

const [port, path, rate, seconds, connections] = process.argv.slice(2)
const gap = 1000 / Number(rate)
/** Milliseconds: a sleep this short keeps the schedule, and finds an answer soon enough. */
const nap = 0.1
const patience = 2000
const cell = new Int32Array(new SharedArrayBuffer(4))
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`

const latencies = []
const late = []
const waiting = []
let errors = 0
const idle = await Promise.all(
  Array.from({ length: Number(connections) }, () => HttpConnection.open(Number(port), { answered, broke })),
)
const begun = performance.now()
const end = begun + Number(seconds) * 1000
let due = begun
turn()

/** Offers what is due, then lets the sockets speak, then sleeps for a moment. */
function turn() {
  const now = performance.now()
  for (; due <= now && due < end; due += gap) offer(due, now)
  const open = latencies.length + errors < Math.round((due - begun) / gap)
  if (due >= end && (!open || now > end + patience)) return finish()
  if (due - now > nap) Atomics.wait(cell, 0, 0, nap)
  setImmediate(turn)
}

function offer(at, now) {
  late.push(now - at)
  const connection = idle.pop()
  if (connection === undefined) waiting.push(at)
  else connection.send(request, at)
}

function answered(connection, at, status) {
  if (status === 200) latencies.push(performance.now() - at)
  else errors++
  const next = waiting.shift()
  if (next === undefined) idle.push(connection)
  else connection.send(request, next)
}

function broke() {
  errors++
}

function finish() {
  const unanswered = Math.max(0, Math.round((end - begun) / gap) - latencies.length - errors)
  const told = { requests: latencies.length, errors: errors + unanswered }
  const answer = { ...told, p50: at(latencies, 0.5), p99: at(latencies, 0.99), late: at(late, 0.99) }
  process.stdout.write(JSON.stringify(answer))
  process.exit()
}

function at(list, part) {
  const sorted = Float64Array.from(list).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}
