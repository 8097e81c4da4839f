// What else went on while a sample was taken: neighbours on our two cores, and whether the load's core was full.
import { loadCore, pinned, testedCore } from './cores.mjs'
import { judge } from './judge.mjs'
import { coreTimes, cpuTime, ownCpuTime } from './proc.mjs'

/** Begins to watch; what it returns ends it and tells. `tested` and `helpers` are process ids. */
export function watch(tested, helpers) {
  const before = pinned ? reading(tested, helpers) : undefined
  const begun = performance.now()
  return () => {
    const after = pinned ? reading(tested, helpers) : undefined
    if (before === undefined || after === undefined) return { told: [], foreign: 0, loadCoreFull: false }
    return judge(before, after, (performance.now() - begun) * 1000)
  }
}

function reading(tested, helpers) {
  const target = cpuTime(tested)
  const cores = { tested: coreTimes(testedCore), load: coreTimes(loadCore) }
  if (target === undefined || cores.tested === undefined || cores.load === undefined) return undefined
  return { ...cores, target, helpers: helpers.reduce((sum, pid) => sum + (cpuTime(pid) ?? 0), ownCpuTime()) }
}
