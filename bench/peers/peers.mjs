// What the bench compares, by name and in the order of its tables. Each is started in front of a backend, and answers
// on a port of 127.0.0.1.
import { has, packageVersion, reported } from '../machine/installed.mjs'
import { direct, expressHttpProxy, httpProxy, httpxy } from './node-proxies.mjs'
import { caddy, haproxy, nginx } from './servers.mjs'
import { sidecar } from './sidecar.mjs'

const peers = {
  direct: { start: direct },
  sidecar: { start: sidecar },
  'http-proxy': { start: httpProxy, package: 'http-proxy' },
  'express + http-proxy': { start: expressHttpProxy, package: 'express' },
  httpxy: { start: httpxy, package: 'httpxy' },
  nginx: { start: nginx, command: 'nginx', version: '-v' },
  haproxy: { start: haproxy, command: 'haproxy', version: '-v' },
  caddy: { start: caddy, command: 'caddy', version: 'version' },
}

export const peerNames = Object.keys(peers)
export const missingPeers = peerNames.filter((name) => !isInstalled(peers[name]))

/** `http-proxy 1.18.1`, of those that are here. */
export function peerVersions() {
  const here = peerNames.filter((name) => !missingPeers.includes(name)).map((name) => peers[name])
  const packages = here.filter((peer) => peer.package).map((peer) => `${peer.package} ${packageVersion(peer.package)}`)
  const servers = here
    .filter((peer) => peer.command)
    .map((peer) => `${peer.command} ${reported(peer.command, peer.version)}`)
  return [...packages, ...servers]
}

/** Those of the names that can be had here, started: `{ name: process }`. */
export async function startPeers(names, backend, options) {
  const started = {}
  for (const name of names.filter((one) => !missingPeers.includes(one))) {
    started[name] = await peers[name].start(backend, name === 'sidecar' ? options : undefined)
  }
  return started
}

function isInstalled(peer) {
  if (peer.command !== undefined) return has(peer.command)
  return peer.package === undefined || packageVersion(peer.package) !== undefined
}
