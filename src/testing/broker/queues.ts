import assert from 'node:assert/strict'
import type { Bench, Checks, Subscriber } from './bench.js'

/** R11: members of a queue share its messages. */
export const queues: Checks = {
  'R11: hands each message to one member of the queue': async (bench) => {
    const members = await membersOf(bench, 'workers', 3)
    const bodies = await publishMany(bench, 300)
    await sharedBy(bench, members, bodies)
    for (const member of members) assert.ok(member.bodies.length > 0, 'a member got nothing of 300')
  },

  'R11: every queue, and everyone without one, has all': async (bench) => {
    const one = await membersOf(bench, 'one', 2)
    const two = await membersOf(bench, 'two', 2)
    const alone = await bench.subscribe()
    const bodies = await publishMany(bench, 100)
    await sharedBy(bench, one, bodies)
    await sharedBy(bench, two, bodies)
    await bench.gets(alone, bodies)
  },

  'R11: a member that leaves takes nothing along': async (bench) => {
    const members = await membersOf(bench, 'workers', 2)
    const before = await publishMany(bench, 50)
    await sharedBy(bench, members, before)
    await members[0]?.unsubscribe()
    const after = await publishMany(bench, 50, 50)
    await sharedBy(bench, members, [...before, ...after])
  },

  'an empty queue is none': async (bench) => {
    const members = await membersOf(bench, '', 2)
    await bench.publish('a')
    for (const member of members) await bench.gets(member, ['a'])
  },
}

function membersOf(bench: Bench, queue: string, count: number): Promise<Subscriber[]> {
  return Promise.all(Array.from({ length: count }, () => bench.subscribe(bench.topic, { queue })))
}

async function publishMany(bench: Bench, count: number, first = 0): Promise<string[]> {
  const bodies = Array.from({ length: count }, (_, i) => String(first + i))
  for (const body of bodies) await bench.publish(body)
  return bodies
}

/** Each once, at one of them. */
async function sharedBy(bench: Bench, members: readonly Subscriber[], bodies: readonly string[]): Promise<void> {
  const got = () => members.flatMap((member) => member.bodies)
  await bench.eventually(() => assert.equal(got().length, bodies.length))
  await bench.silence()
  assert.deepEqual(got().sort(), [...bodies].sort())
}
