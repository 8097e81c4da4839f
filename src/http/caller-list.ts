import type { Socket } from 'node:net'
import { type Caller, callerOf } from './caller.js'

/** Every open connection of a listener. An array in which each knows its place: no table that gains and loses entries. */
export class CallerList {
  readonly #callers: Caller[] = []

  /** Until the connection has closed. One that is here already stays once. */
  add(socket: Socket): void {
    const caller = callerOf(socket)
    if (caller.place >= 0) return
    caller.place = this.#callers.push(caller) - 1
    socket.once('close', () => this.#remove(caller))
  }

  /**
   * Every caller is told to use another connection next time, where the head of its answer is not out; what would go on
   * for ever is ended.
   */
  finish(): void {
    for (const { current } of [...this.#callers]) {
      if (current === undefined) continue
      if (!current.response.headersSent) current.response.shouldKeepAlive = false
      current.call?.finish?.()
    }
  }

  #remove(caller: Caller): void {
    const last = this.#callers.pop()
    if (last === undefined || last === caller) return
    this.#callers[caller.place] = last
    last.place = caller.place
  }
}
