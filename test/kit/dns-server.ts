import { createSocket, type Socket } from 'node:dgram'
import { promises } from 'node:dns'
import { once } from 'node:events'
import { type DnsRecord, TYPE } from '../../src/registry/mdns/dns-message.js'
import { readMessage } from '../../src/registry/mdns/read-message.js'
import { writeResponse } from '../../src/registry/mdns/write-message.js'
import type { NameResolver } from '../../src/registry/static/name-resolver.js'

/** A DNS server on 127.0.0.1 that says what it is told to; `fails` makes it answer SERVFAIL. */
export class DnsServer {
  records: readonly DnsRecord[] = []
  fails = false
  asked = 0
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (bytes, from) => socket.send(this.#answer(bytes), from.port, from.address))
  }

  static async listen(): Promise<DnsServer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new DnsServer(socket)
  }

  /** Asks this server and nobody else. */
  resolver(): NameResolver {
    const resolver = new promises.Resolver({ timeout: 500, tries: 1 })
    resolver.setServers([`127.0.0.1:${this.#socket.address().port}`])
    const or = <T>(answer: Promise<T[]>) =>
      answer.catch((error) => {
        if (error.code === 'ENODATA' || error.code === 'ENOTFOUND') return []
        throw error
      })
    return {
      addresses: async (name) => [...(await or(resolver.resolve4(name))), ...(await or(resolver.resolve6(name)))],
      services: (name) => or(resolver.resolveSrv(name)),
    }
  }

  close(): void {
    this.#socket.close()
  }

  #answer(bytes: Buffer): Buffer {
    this.asked++
    const query = readMessage(bytes) ?? { id: 0, questions: [] }
    const [question] = query.questions
    const fitting = this.records.filter(({ name, type }) => name === question?.name && TYPE[type] === question.type)
    const answer = writeResponse(query.id, query.questions, this.fails ? [] : fitting)
    if (this.fails) answer[3] = 2
    return answer
  }
}
