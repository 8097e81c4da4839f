import { expect, test, vi } from 'vitest'
import { RouteCache } from '../../src/router/route-cache.js'

test('a path is mapped once, one that maps to nothing each time', () => {
  const map = vi.fn((path: string) => (path === '/none' ? undefined : { path }))
  const cache = new RouteCache(map)
  expect(cache.find('/a')).toBe(cache.find('/a'))
  expect(map).toHaveBeenCalledTimes(1)
  expect([cache.find('/none'), cache.find('/none')]).toEqual([undefined, undefined])
  expect(map).toHaveBeenCalledTimes(3)
})

test('S12: invented paths are not kept for ever', () => {
  const map = vi.fn((path: string) => ({ path }))
  const cache = new RouteCache(map)
  for (let i = 0; i < 2500; i++) expect(cache.find(`/${i}`)).toEqual({ path: `/${i}` })
  cache.find('/0')
  expect(map).toHaveBeenCalledTimes(2501)
})
