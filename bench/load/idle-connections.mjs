import { setTimeout as wait } from 'node:timers/promises'
import { HttpConnection } from '../programs/http-connection.mjs'

const limit = 20_000
const settleTime = 500

/** Opens so many connections, makes one request on each, hands on while they idle, and closes them. */
export async function withIdleConnections(port, { path, count }, look) {
  let answers = 0
  let broken = 0
  const listener = {
    answered: () => answers++,
    broke: () => broken++,
  }
  const connections = []
  try {
    for (let i = 0; i < count; i++) {
      const connection = await HttpConnection.open(port, listener)
      connections.push(connection)
      connection.send(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`, 0)
    }
    for (const end = performance.now() + limit; answers + broken < count && performance.now() < end; ) await wait(10)
    await wait(settleTime)
    if (answers < count || broken > 0) throw new Error(`${answers} of ${count} connections were answered and kept`)
    return look()
  } finally {
    for (const connection of connections) connection.close()
  }
}
