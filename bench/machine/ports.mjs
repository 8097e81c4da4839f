import { connect, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const tries = 500

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

export async function whenAccepting(port) {
  for (let count = 0; count < tries; count++) {
    if (await accepts(port)) return
    await wait(10)
  }
  throw new Error(`nothing accepts on port ${port}`)
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
