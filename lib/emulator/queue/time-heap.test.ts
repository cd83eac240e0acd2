import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TimeHeap } from './time-heap'

it('gives what was not removed, the earliest first, and nothing before its time', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push' as const), atMs: fc.nat({ max: 30 }) }),
    fc.record({ kind: fc.constant('remove' as const), which: fc.nat({ max: 40 }) }),
    fc.record({ kind: fc.constant('pop' as const), nowMs: fc.nat({ max: 30 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const heap = new TimeHeap<{ atMs: number }>()
      const kept = new Set<{ atMs: number }>()
      const pushed: { atMs: number }[] = []
      const earliest = () => Math.min(...[...kept].map(({ atMs }) => atMs))
      for (const op of steps) {
        if (op.kind === 'push') {
          const item = { atMs: op.atMs }
          pushed.push(item)
          kept.add(item)
          heap.push(item.atMs, item)
        } else if (op.kind === 'remove') {
          const item = pushed[op.which]
          if (!item) continue
          kept.delete(item)
          heap.remove(item)
        } else {
          const item = heap.popDue(op.nowMs)
          expect(item?.atMs).toBe(earliest() <= op.nowMs ? earliest() : undefined)
          if (item) expect(kept.delete(item)).toBe(true)
        }
        expect(heap.size).toBe(kept.size)
      }
    }),
  )
})
