/** Milliseconds of each scavenge in what Node writes under `--trace-gc`. */
export function scavenges(trace) {
  return [...trace.matchAll(/ ms: Scavenge [^\n]*?MB, (?:pooled: [^,\n]*, )?([\d.]+) \/ /g)].map(([, time]) =>
    Number(time),
  )
}
