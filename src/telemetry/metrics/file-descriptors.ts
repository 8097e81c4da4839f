import { readdir, readFile } from 'node:fs/promises'

/** `undefined` where the system does not tell. The one for looking is not counted. */
export async function openDescriptors(): Promise<number | undefined> {
  const names = await readdir('/proc/self/fd').catch(nothing)
  return names && names.length - 1
}

export async function descriptorLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'latin1').catch(nothing)
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits ?? '')?.[1]
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft)
}

function nothing(): undefined {}
