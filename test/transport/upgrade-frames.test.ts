import fc from 'fast-check'
import { expect, it } from 'vitest'
import { closeFrame, FrameBoundary } from '../../src/transport/upgrade-frames.js'

const frame = fc
  .record({
    opcode: fc.constantFrom(0, 1, 2, 9, 10),
    masked: fc.boolean(),
    length: fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000),
  })
  .map(({ opcode, masked, length }) => {
    const head = length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : [127, ...bytes(length)]
    head[0] = (head[0] ?? 0) | (masked ? 0x80 : 0)
    return Buffer.concat([Buffer.from([opcode, ...head]), Buffer.alloc(length + (masked ? 4 : 0), 0x88)])
  })

it('is open exactly between two frames, however they are cut', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), fc.array(fc.nat()), (frames, cuts) => {
      const stream = Buffer.concat(frames)
      let end = 0
      const ends = new Set(frames.map(({ length }) => (end += length)))
      const boundary = new FrameBoundary()
      expect(boundary.open).toBe(true)
      const points = [...new Set([...cuts.map((cut) => cut % stream.length), ...ends])].sort((a, b) => a - b)
      let at = 0
      for (const point of points) {
        boundary.push(stream.subarray(at, point))
        at = point
        expect(boundary.open).toBe(point === 0 || ends.has(point))
      }
    }),
    { seed: 4, numRuns: 200 },
  )
})

it('is never open behind a close frame', () => {
  const boundary = new FrameBoundary()
  boundary.push(closeFrame(1001))
  expect(boundary.open).toBe(false)
})

it('writes a close frame', () => {
  expect(closeFrame(1001)).toEqual(Buffer.from([0x88, 0x02, 0x03, 0xe9]))
})

function bytes(length: number): number[] {
  return [0, 0, 0, 0, 0, (length >> 16) & 255, (length >> 8) & 255, length & 255]
}
