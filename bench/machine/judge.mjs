/** Parts of a core, from which on a sample is called disturbed. */
const limits = { tested: 0.04, load: 0.06, steal: 0.02 }
const fullCore = 0.97

/**
 * What a core has worked and our own processes have not was somebody else's. A reading is in microseconds: `tested` and
 * `load`, the two cores, each with `work` and `steal`; `target`, the process under test; `helpers`, all others of ours.
 */
export function judge(before, after, microseconds) {
  const part = (of) => Math.max(0, of(after) - of(before)) / microseconds
  const tested = part((reading) => reading.tested.work - reading.target)
  const load = part((reading) => reading.load.work - reading.helpers)
  const steal = part((reading) => reading.tested.steal + reading.load.steal)
  const told = []
  if (tested > limits.tested) told.push(`others took ${percent(tested)} of the core under test`)
  if (load > limits.load) told.push(`others took ${percent(load)} of the load's core`)
  if (steal > limits.steal) told.push(`the host took ${percent(steal)} of a core`)
  const loadCoreFull = part((reading) => reading.load.work) > fullCore
  return { told, foreign: tested + load + steal, loadCoreFull }
}

function percent(part) {
  return `${Math.round(part * 100)} %`
}
