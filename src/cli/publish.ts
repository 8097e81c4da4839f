import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { buffer, text } from 'node:stream/consumers'
import type { CommandLine } from './commands.js'
import { detailOf, type Remote, remoteOf } from './remote.js'
import { complain } from './terminal.js'

/** Milliseconds without a word of the sidecar. */
const patience = 15_000

/** Publishes one message through a sidecar that runs; without a body on the line it is what standard input holds. */
export async function publish({ words, flags, faults }: CommandLine): Promise<number> {
  const remote = await remoteOf(flags, faults)
  const [topic = '', given] = words
  const body = given === undefined ? await buffer(process.stdin) : Buffer.from(given)
  try {
    const answer = await post(remote, topic, body)
    if (answer.statusCode === 200) {
      answer.resume()
      process.stdout.write('ok\n')
      return 0
    }
    return complain(`the message was not accepted: ${answer.statusCode} ${detailOf(await text(answer))}`)
  } catch (error) {
    return complain(`no sidecar at ${remote.name}: ${error instanceof Error ? error.message || error.name : error}`)
  }
}

function post(remote: Remote, topic: string, body: Buffer): Promise<IncomingMessage> {
  const { url, socketPath, headers } = remote
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  const path = `/broker?topic=${encodeURIComponent(topic)}`
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), {
      ...{ method: 'POST', socketPath, timeout: patience },
      headers: { ...headers, 'Content-Type': typeOf(body), 'Content-Length': body.length },
    })
    sent.on('response', resolve)
    sent.on('timeout', () => sent.destroy(new Error(`it did not answer within ${patience} ms`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Services of Go read a message by its type. */
function typeOf(body: Buffer): string {
  if (body[0] !== 0x7b && body[0] !== 0x5b) return 'text/plain'
  try {
    JSON.parse(body.toString())
    return 'application/json'
  } catch {
    return 'text/plain'
  }
}
