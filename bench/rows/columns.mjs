// Columns that several rows have. `digits` are those behind the point.
export const requestsPerSecond = { key: 'perSecond', title: 'requests/s', digits: 0 }
export const cpuPerRequest = { key: 'cpu', title: 'CPU µs/req', digits: 1 }
export const p50 = { key: 'p50', title: 'p50 ms', digits: 2 }
export const p99 = { key: 'p99', title: 'p99 ms', digits: 2 }
export const memory = { key: 'memory', title: 'RSS MB', digits: 0 }
export const speedRatio = { key: 'speedRatio', title: '× http-proxy', digits: 2 }
export const cpuRatio = { key: 'cpuRatio', title: 'CPU ×', digits: 2 }

/** Adds how each target stands to http-proxy: in what it gets done, and in what that costs. Above 1 is better. */
export function withRatios(targets) {
  const base = targets['http-proxy']
  if (base === undefined) return targets
  for (const target of Object.values(targets)) {
    target.speedRatio = target.perSecond / base.perSecond
    target.cpuRatio = base.cpu / target.cpu
  }
  return targets
}
