import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { consulRegistry } from '../../src/registry/consul.js'
import type { Registry } from '../../src/registry/registry.js'
import { ConsulDouble } from '../support/consul-double.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (let close = open.pop(); close !== undefined; close = open.pop()) await close()
})

async function start(
  services: number,
): Promise<{ consul: ConsulDouble; registry: Registry; ports(i: number): Promise<string> }> {
  const consul = await ConsulDouble.start()
  open.push(() => consul.close())
  for (let i = 0; i < services; i++) consul.put(`s${i}-1`, `s${i}`)
  const registry = consulRegistry({ address: consul.address })
  open.push(() => registry.close())
  const ports = async (i: number) =>
    (await registry.getService(`s${i}`)).flatMap(({ nodes }) => nodes.map(({ port }) => port)).join()
  return { consul, registry, ports }
}

async function until(check: () => Promise<boolean>, limit = 1000): Promise<void> {
  const begun = performance.now()
  while (!(await check())) {
    if (performance.now() - begun > limit) throw new Error(`not within ${limit} ms`)
    await wait(10)
  }
}

function questions(consul: ConsulDouble): string[] {
  return consul.requests.map(({ path }) => path).filter((path) => path.includes('index=') && !path.includes('/consul?'))
}

describe('more services than there are connections for', () => {
  it('are all followed: a hundred by a question each, the rest by one about all', async () => {
    const { consul, registry, ports } = await start(150)
    registry.watch(() => {}, { asked: true })
    for (let i = 0; i < 150; i++) expect(await ports(i)).toBe('1000')
    await wait(300)
    expect(new Set(questions(consul).map((path) => path.split('?')[0])).size).toBe(101)
    for (const i of [3, 140]) {
      consul.put(`s${i}-2`, `s${i}`, { Port: 2000 })
      await until(async () => (await ports(i)) === '1000,2000')
      consul.delete(`s${i}-1`)
      await until(async () => (await ports(i)) === '2000')
    }
  })

  it('an agent that has no connection left is asked about all at once', async () => {
    const { consul, registry, ports } = await start(5)
    registry.watch(() => {}, { asked: true })
    let crowd = 0
    consul.script = (request, response) => {
      if (!/service\/s\d\?index/.test(request.url ?? '')) return false
      crowd++
      response.statusCode = 429
      response.end('Your IP is issuing too many concurrent connections')
      return true
    }
    for (let i = 0; i < 5; i++) expect(await ports(i)).toBe('1000')
    await wait(300)
    consul.put('s4-2', 's4', { Port: 2000 })
    await until(async () => (await ports(4)) === '1000,2000')
    expect(crowd).toBeLessThanOrEqual(6)
  })

  it('an agent that does not give summaries is asked for the catalog', async () => {
    const { consul, registry } = await start(2)
    consul.script = (request, response) => {
      if (!request.url?.startsWith('/v1/internal')) return false
      response.statusCode = 403
      response.end('Permission denied')
      return true
    }
    const seen: string[] = []
    registry.watch(({ action, service }) => seen.push(`${action} ${service.name}`))
    await wait(1500)
    consul.put('new-1', 'new')
    await until(async () => seen.length > 0)
    consul.delete('s1-1')
    await until(async () => seen.length > 1)
    expect(seen).toEqual(['create new', 'delete s1'])
  })
})
