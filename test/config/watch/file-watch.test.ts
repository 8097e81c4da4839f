import { chmod, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { FileWatch, type FileWatchOptions } from '../../../src/config/watch/file-watch.js'
import { workspace } from '../workspace.js'

const quick: FileWatchOptions = { quiet: 30, mostQuiet: 300 }
/** Where nothing but the system's word counts, and where nothing but looking does. */
const ways: readonly (readonly [string, FileWatchOptions])[] = [
  ['by the system', { ...quick, interval: 3_600_000 }],
  ['by looking', { interval: 40, quiet: 3_600_000, mostQuiet: 3_600_000 }],
]

async function watching(files: readonly string[], options: FileWatchOptions) {
  const changed = vi.fn()
  const watch = new FileWatch(changed, options)
  onTestFinished(() => watch.close())
  for (const file of files) watch.add(file)
  watch.start()
  await pause(60)
  const times = (count: number) => vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(count), 3000)
  return { changed, watch, times }
}

describe.each(ways)('R22: a change is seen %s', (_name, options) => {
  test('of a file that is written again', async () => {
    const folder = await workspace({ 'a.json': '1' })
    const { times } = await watching([join(folder, 'a.json')], options)
    await writeFile(join(folder, 'a.json'), '2')
    await times(1)
    await writeFile(join(folder, 'a.json'), '3')
    await times(2)
  })

  test('of another file that takes its place, as editors write', async () => {
    const folder = await workspace({ 'a.json': '1' })
    const { times } = await watching([join(folder, 'a.json')], options)
    for (let count = 1; count <= 3; count++) {
      await writeFile(join(folder, 'a.json.tmp'), `next ${count}`)
      await rename(join(folder, 'a.json.tmp'), join(folder, 'a.json'))
      await times(count)
    }
  })

  test('of a file that goes, and comes again', async () => {
    const folder = await workspace({ 'a.json': '1' })
    const { times } = await watching([join(folder, 'a.json')], options)
    await rm(join(folder, 'a.json'))
    await times(1)
    await writeFile(join(folder, 'a.json'), '1')
    await times(2)
  })

  test('of a file that was never there', async () => {
    const folder = await workspace({})
    const { times } = await watching([join(folder, 'a.json')], options)
    await writeFile(join(folder, 'a.json'), '1')
    await times(1)
  })

  test('of a folder that Kubernetes exchanges under a link', async () => {
    const folder = await workspace({ '..1/a.json': '1', '..2/a.json': '2', '..3/a.json': '3' })
    await symlink('..1', join(folder, '..data'))
    await symlink(join('..data', 'a.json'), join(folder, 'a.json'))
    const { times } = await watching([join(folder, 'a.json')], options)
    for (const count of [1, 2]) {
      await symlink(`..${count + 1}`, join(folder, '..data_tmp'))
      await rename(join(folder, '..data_tmp'), join(folder, '..data'))
      await rm(join(folder, `..${count}`), { recursive: true })
      await times(count)
    }
  })

  test('of what a link into another folder leads to', async () => {
    const folder = await workspace({ 'there/a.json': '1', 'here/b.json': '' })
    await symlink(join('..', 'there', 'a.json'), join(folder, 'here', 'a.json'))
    const { times } = await watching([join(folder, 'here', 'a.json')], options)
    await writeFile(join(folder, 'there', 'a.json'), '2')
    await times(1)
  })

  test('of many files once', async () => {
    const names = Array.from({ length: 50 }, (_, at) => `f${at}/a.json`)
    const folder = await workspace(Object.fromEntries(names.map((name) => [name, '1'])))
    const { changed, times } = await watching(
      names.map((name) => join(folder, name)),
      { ...options, quiet: options.quiet === 30 ? 200 : 3_600_000 },
    )
    await Promise.all(names.slice(0, 10).map((name) => writeFile(join(folder, name), '2')))
    await vi.waitFor(() => expect(changed).toHaveBeenCalled(), 3000)
    if (options.quiet === 30) await times(1)
  })

  test('and none where the words are the same', async () => {
    const folder = await workspace({ 'a.json': '1', 'b.json': '1' })
    const { changed, times } = await watching([join(folder, 'a.json'), join(folder, 'b.json')], options)
    await writeFile(join(folder, 'a.json'), '1')
    await utimes(join(folder, 'a.json'), 1, 1)
    await chmod(join(folder, 'a.json'), 0o600)
    await pause(150)
    expect(changed).not.toHaveBeenCalled()
    await writeFile(join(folder, 'b.json'), '2')
    await times(1)
  })
})

describe('R22: watching', () => {
  test('what is written in pieces is one change', async () => {
    const folder = await workspace({ 'a.json': '' })
    const { changed, times } = await watching([join(folder, 'a.json')], {
      quiet: 80,
      mostQuiet: 2000,
      interval: 3_600_000,
    })
    for (let size = 1; size <= 10; size++) {
      await writeFile(join(folder, 'a.json'), 'x'.repeat(size))
      await pause(20)
    }
    expect(changed).not.toHaveBeenCalled()
    await times(1)
  })

  test('what never rests is looked at all the same', async () => {
    const folder = await workspace({ 'a.json': '' })
    const { changed } = await watching([join(folder, 'a.json')], { quiet: 80, mostQuiet: 200, interval: 3_600_000 })
    let over = false
    const writing = (async () => {
      for (let size = 1; !over; size++) {
        await writeFile(join(folder, 'a.json'), 'x'.repeat(size))
        await pause(10)
      }
    })()
    await vi.waitFor(() => expect(changed.mock.calls.length).toBeGreaterThan(1), 3000)
    over = true
    await writing
  })

  test('a folder that is removed and made again is watched again', async () => {
    const folder = await workspace({ 'there/a.json': '1' })
    const file = join(folder, 'there', 'a.json')
    const { times } = await watching([file], { ...quick, interval: 100 })
    await rm(join(folder, 'there'), { recursive: true })
    await times(1)
    await mkdir(join(folder, 'there'))
    await writeFile(file, '2')
    await times(2)
  })

  test('what is kept no more is not told of', async () => {
    const folder = await workspace({ 'a.json': '1', 'b.json': '1' })
    const { changed, watch, times } = await watching(
      [join(folder, 'a.json'), join(folder, 'b.json')],
      ways[0]?.[1] ?? {},
    )
    watch.keep(new Set([join(folder, 'b.json')]))
    await writeFile(join(folder, 'a.json'), '2')
    await pause(120)
    expect(changed).not.toHaveBeenCalled()
    await writeFile(join(folder, 'b.json'), '2')
    await times(1)
  })

  test('what changed before it began, since it was added, is told', async () => {
    const folder = await workspace({ 'a.json': '1' })
    const changed = vi.fn()
    const watch = new FileWatch(changed, quick)
    onTestFinished(() => watch.close())
    watch.add(join(folder, 'a.json'))
    await writeFile(join(folder, 'a.json'), '2')
    watch.start()
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1))
  })
})
