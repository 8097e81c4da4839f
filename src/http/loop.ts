import { MicroError } from '../errors.js'

const hopLimit = 32

/** A request that came through so many proxies goes in a circle: a node that is this sidecar, say. */
export function isLoop(via: string): boolean {
  let hops = 1
  for (let at = via.indexOf(','); at >= 0 && hops < hopLimit; at = via.indexOf(',', at + 1)) hops++
  return hops >= hopLimit
}

export function loopError(): MicroError {
  const detail = `the request has come through ${hopLimit} proxies (Via): it goes in a circle`
  return new MicroError('go.micro.sidecar', 508, detail, { reason: 'protocol' })
}
