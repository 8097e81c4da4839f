// Tells in a line each what stood in the way of a row's samples.
import { spread } from './statistics.mjs'

/** A part of the median. */
const steady = 0.12

/** `samples` by target; `decides` is the figure whose spread is looked at. */
export function disturbances(samples, decides) {
  const targets = Object.entries(samples)
  const disturbed = targets.filter(([, list]) => list.some(isDisturbed))
  const full = targets.filter(([, list]) => isFull(list.filter((sample) => !isDisturbed(sample))))
  const unsteady = targets.filter(([, list]) => !isSteady(list.map(decides)))
  const notes = []
  if (disturbed.length > 0) {
    notes.push(`disturbed: ${counted(targets, disturbed)}; at worst ${worst(targets).told.join(', ')}`)
  }
  if (full.length > 0) notes.push(`the load's core was full, so they could do more: ${names(full)}`)
  if (unsteady.length > 0) notes.push(`rounds more than ${steady * 100} % apart: ${names(unsteady)}`)
  return notes
}

export function isSteady(values) {
  const known = values.filter((value) => value !== undefined)
  return known.length < 2 || spread(known) <= steady
}

const isFull = (undisturbed) => undisturbed.length > 0 && undisturbed.every(({ loadCoreFull }) => loadCoreFull)
const isDisturbed = ({ told }) => told.length > 0
const names = (targets) => targets.map(([name]) => name).join(', ')

function counted(targets, disturbed) {
  if (targets.every(([, list]) => list.every(isDisturbed))) return 'every run'
  return disturbed.map(([name, list]) => `${name} (${list.filter(isDisturbed).length} of ${list.length})`).join(', ')
}

function worst(targets) {
  const all = targets.flatMap(([, list]) => list).filter(isDisturbed)
  return all.reduce((most, sample) => (sample.foreign > most.foreign ? sample : most))
}
