import { afterEach, beforeEach, expect, test } from 'vitest'
import { ConsulAgent, describeWithConsul } from '../support/consul-agent.js'
import { endAll, listening } from './support/command.js'

const NAME = 'go.micro.srv.cart'

describeWithConsul('R18: an application in Consul', () => {
  let agent: ConsulAgent
  beforeEach(async () => {
    agent = await ConsulAgent.start()
  })
  afterEach(async () => {
    await endAll()
    await agent.kill()
  })

  const start = (...flags: string[]) => {
    const registry = ['--registry=consul', `--registry_address=${agent.address}`]
    return listening(['--address=127.0.0.1:0', '--log-format=json', ...registry, ...flags])
  }
  const startWithApp = () =>
    start(`--server_name=${NAME}`, '--server_address=127.0.0.1:9090', '--register_ttl=3', '--register_interval=1')

  test('a killed sidecar leaves no ghost, and its next start makes no second node', async () => {
    const other = await start()
    const first = await startWithApp()
    await expect.poll(() => nodesAt(other.url), { timeout: 3000 }).toHaveLength(1)
    const [node] = await nodesAt(other.url)
    expect(node).toMatchObject({ id: expect.stringMatching(`^${NAME}-[0-9a-f-]{36}$`), port: 9090 })
    first.child.kill('SIGKILL')
    await first.ended
    const second = await startWithApp()
    await second.line(/the application is registered/)
    expect(Object.keys(await agent.ask<object>('agent/services'))).toEqual([node?.id])
    expect(await nodesAt(other.url)).toEqual([node])
    second.child.kill('SIGKILL')
    await second.ended
    const killed = performance.now()
    await expect.poll(() => nodesAt(other.url), { timeout: 6000 }).toHaveLength(0)
    expect(performance.now() - killed).toBeLessThan(4500)
  })

  test('a loopback address there is warned about, and the end takes it out at once', async () => {
    const app = await startWithApp()
    const warning = JSON.parse(await app.line(/LOOPBACK/))
    expect(warning).toMatchObject({ level: 'warn', address: '127.0.0.1:9090', registry: 'consul' })
    await app.line(/the application is registered/)
    app.child.kill('SIGTERM')
    expect(await app.ended).toBe(0)
    expect(await agent.ask('agent/services')).toEqual({})
  })

  test('R12: Consul comes back empty, or only later: it is registered again', async () => {
    const app = await startWithApp()
    await app.line(/the application is registered/)
    await agent.kill()
    expect(await (await fetch(`${app.url}/health`)).json()).toMatchObject({ status: 'ok', app: { healthy: true } })
    await agent.start()
    const back = performance.now()
    const ids = async () => Object.keys(await agent.ask<object>('agent/services'))
    await expect.poll(ids, { timeout: 8000 }).toHaveLength(1)
    expect(performance.now() - back).toBeLessThan(5500)
  })
})

async function nodesAt(url: string): Promise<{ id: string; port: number }[]> {
  const answer = await fetch(`${url}/registry?service=${NAME}`)
  const services = answer.status === 404 ? [] : ((await answer.json()) as { nodes: { id: string; port: number }[] }[])
  return services.flatMap(({ nodes }) => nodes)
}
