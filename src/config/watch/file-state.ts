import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'

/** What is known of a file: enough to tell that it is another now, or has other words. */
export interface FileState {
  readonly stamp: string
  readonly content: string
}

/** Nobody writes a longer one by hand: of such a file the stamp alone counts. */
const longest = 4 * 1024 * 1024

interface Facts {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly ctimeNs: bigint
}

/** At once, so that what is loaded next is not older. */
export function fileStateNow(path: string): FileState {
  let stamp = ''
  try {
    const facts = statSync(path, { bigint: true })
    stamp = stampOf(facts)
    return { stamp, content: isLong(facts) ? stamp : digest(readFileSync(path)) }
  } catch (error) {
    return { stamp, content: codeOf(error) }
  }
}

/** `before` itself where the file is as it was. Never rejects: a file that is not there, or may not be read, has that for its state. */
export async function fileState(path: string, before: FileState): Promise<FileState> {
  let stamp = ''
  try {
    const facts = await stat(path, { bigint: true })
    stamp = stampOf(facts)
    if (stamp === before.stamp) return before
    return { stamp, content: isLong(facts) ? stamp : digest(await readFile(path)) }
  } catch (error) {
    return { stamp, content: codeOf(error) }
  }
}

/** The time of the last change of anything, its rights among it; a file renamed into its place is another one. */
function stampOf({ dev, ino, size, ctimeNs }: Facts): string {
  return `${dev} ${ino} ${size} ${ctimeNs}`
}

function isLong({ size }: Facts): boolean {
  return size > longest
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}
