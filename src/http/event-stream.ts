import { headerValue } from './header-list.js'

/** Whether an answer of these headers is one of server-sent events, which its caller asks for again when it ends. */
export function isEventStream(headers: readonly string[]): boolean {
  const type = headerValue(headers, 'content-type')
  return type !== undefined && /^\s*text\/event-stream\s*(?:;|$)/i.test(type)
}
