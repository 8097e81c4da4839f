import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { WebSocket } from 'ws'

export interface Publishing {
  readonly url: string
  readonly topic: string
  readonly count: number
  /** At once, each with a kept connection. */
  readonly publishers: number
  body(index: number): string | Buffer
  /** Before each. */
  before?(index: number): void
}

/** Publishes all by POST; rejects with the first answer that is not 200. */
export async function publishAll({ url, topic, count, publishers, body, before }: Publishing): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: publishers })
  let next = 0
  const publisher = async () => {
    for (let index = next++; index < count; index = next++) {
      before?.(index)
      await publish(`${url}/broker?topic=${topic}`, body(index), agent)
    }
  }
  await Promise.all(Array.from({ length: publishers }, publisher))
  agent.destroy()
}

function publish(url: string, body: string | Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent }, (answer: IncomingMessage) => {
      answer.resume()
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${answer.statusCode}`))))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Messages of one socket that wait for their acknowledgement. */
const ahead = 200

/** Publishes all on sockets that acknowledge; rejects where one is not accepted. */
export async function publishOnSockets({ url, topic, count, publishers, body, before }: Publishing): Promise<void> {
  let next = 0
  const publisher = async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/broker`, ['micro.broker.v1'])
    await once(socket, 'open')
    let waiting = 0
    const send = () => {
      for (; waiting < ahead && next < count; waiting++) {
        const index = next++
        before?.(index)
        const text = Buffer.from(body(index)).toString('base64')
        socket.send(`{"Publish":"${topic}","Body":"${text}","Id":${index}}`)
      }
    }
    await new Promise<void>((resolve, reject) => {
      socket.on('message', (data) => {
        if (!String(data).endsWith('"Ok":true}')) reject(new Error(String(data)))
        waiting--
        send()
        if (waiting === 0) resolve()
      })
      socket.on('close', () => reject(new Error('closed')))
      send()
    })
    socket.terminate()
  }
  await Promise.all(Array.from({ length: publishers }, publisher))
}
