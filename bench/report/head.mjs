// What the bench says of itself: programs, machine, and how it measures.
import { cpus } from 'node:os'
import { tool } from '../load/load.mjs'
import { loadCore, pinned, testedCore } from '../machine/cores.mjs'
import { packageVersion, reported } from '../machine/installed.mjs'
import { missingPeers, peerVersions } from '../peers/peers.mjs'

export function headLines({ rounds, seconds, connections, accessLog, quick }) {
  const turns = rounds === 1 ? `1 round of ${seconds} s` : `${rounds} rounds of ${seconds} s, interleaved, medians`
  const load = tool === 'wrk' ? `load by wrk ${reported('wrk', '-v')}` : 'load by autocannon (no wrk here)'
  const lines = [
    [`micro-sidecar ${packageVersion()}`, `node ${process.versions.node}`, ...peerVersions(), load].join(' · '),
    ...machineLines('backend and load'),
    `${connections} connections, ${turns}`,
    `sidecar as shipped, access log ${accessLog ? 'on, into a pipe' : 'off'}`,
  ]
  if (missingPeers.length > 0) lines.push(`not installed here: ${missingPeers.join(', ')}`)
  if (quick) lines.push('a quick run: it shows that all of it works; its figures mean little')
  return lines
}

/** `others`: what stands on the other core. */
export function machineLines(others) {
  const cores = pinned
    ? `the process under test on core ${testedCore}, ${others} on core ${loadCore}`
    : 'NOT pinned to cores (no taskset, or one core), neighbours are not noticed'
  return [`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores`, cores]
}
