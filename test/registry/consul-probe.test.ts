import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { consulAnswers } from '../../src/registry/consul/probe.js'
import { rawNode } from '../kit/raw.js'
import { listen } from '../kit/sidecar.js'

describe('whether an agent answers', () => {
  test('one that does', async () => {
    const port = await listen(
      createServer((_request, response) =>
        response.setHeader('Content-Type', 'application/json').end('"127.0.0.1:8300"'),
      ),
    )
    expect(await consulAnswers(port)).toBe(true)
  })

  test('another program on that port, nobody, and one that is silent', async () => {
    const other = await listen(createServer((_request, response) => response.writeHead(404).end('no')))
    const silent = await rawNode(() => {})
    expect(await Promise.all([consulAnswers(other), consulAnswers(1), consulAnswers(silent.port)])).toEqual([
      false,
      false,
      false,
    ])
  })
})
