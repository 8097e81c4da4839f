import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench } from './conformance-case.js'
import type { ScriptedNode } from './scripted-node.js'

/** Answers each request of any connection with the next of the texts, the last again and again. */
export async function answering(bench: Bench, texts: readonly string[]): Promise<ScriptedNode> {
  let count = 0
  return bench.node(async (peer) => {
    for (;;) {
      await peer.request()
      peer.write(texts[Math.min(count++, texts.length - 1)] ?? '')
    }
  })
}

/** The bodies of so many answers, one after another. */
export async function inTurn(bench: Bench, node: ScriptedNode, count: number): Promise<string[]> {
  const bodies: string[] = []
  while (bodies.length < count) {
    const { answer } = bench.send(node.target)
    await answer.whole()
    bodies.push(answer.body.toString())
    // Some transports let a turn of the event loop pass before they use a connection again.
    await sleep(5)
  }
  return bodies
}
