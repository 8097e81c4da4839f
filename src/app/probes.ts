import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Probe, ProbeResult } from './health-check.js'

/** Bytes and milliseconds of an answer's body that are let in, so that the application may end it in peace. */
const mostBody = { size: 64 * 1024, time: 1000 }

/** Healthy is what answers a GET with 2xx. Redirects are not followed, the body is nobody's business. */
export function httpProbe(url: string): Probe {
  const target = new URL(url)
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest
  // A connection of its own each time: a kept one says nothing about whether new callers get through.
  const headers = { 'User-Agent': 'micro-sidecar', Accept: '*/*', Connection: 'close' }
  return (signal) =>
    new Promise((resolve, reject) => {
      const asked = request(target, { agent: false, headers, signal })
      asked.on('response', (response) => {
        resolve(resultOf(response))
        passOver(response)
      })
      asked.on('upgrade', (response, socket) => {
        resolve(resultOf(response))
        socket.destroy()
      })
      asked.on('error', reject)
      asked.end()
    })
}

/** Healthy is what accepts a connection. */
export function portProbe(host: string, port: number): Probe {
  return (signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, signal })
      socket.on('connect', () => {
        resolve({ healthy: true })
        socket.destroy()
      })
      socket.on('error', reject)
    })
}

function resultOf({ statusCode: status = 0 }: IncomingMessage): ProbeResult {
  const healthy = status >= 200 && status < 300
  return healthy ? { healthy, status } : { healthy, status, reason: `it answered ${status}` }
}

function passOver(response: IncomingMessage): void {
  let size = 0
  const timer = setTimeout(() => response.destroy(), mostBody.time).unref()
  response.on('close', () => clearTimeout(timer))
  response.on('error', ignore)
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > mostBody.size) response.destroy()
  })
}

function ignore(): void {}
