import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { createBatcher } from './batcher'

describe('createBatcher', () => {
  it('puts together what comes while a flush goes on', async () => {
    const batches: number[][] = []
    let endFlush = () => {}
    const batcher = createBatcher<number, number>(
      async (items) => {
        batches.push(items)
        if (batches.length === 1) await new Promise<void>((resolve) => (endFlush = resolve))
        return items.map((item) => item * 10)
      },
      { maxItems: 2 },
    )
    const first = batcher.add(1)
    await vi.waitFor(() => expect(batches).toHaveLength(1))
    const later = [batcher.add(2), batcher.add(3), batcher.add(4)]
    endFlush()
    expect(await Promise.all([first, ...later])).toEqual([10, 20, 30, 40])
    expect(batches).toEqual([[1], [2, 3], [4]])
  })

  it('ends a batch before it weighs too much, but for a single item', async () => {
    const batches: number[][] = []
    const flush = async (items: number[]) => {
      batches.push(items)
      return items
    }
    const batcher = createBatcher<number, number>(flush, { maxItems: 3, weigh: (item) => item, maxWeight: 10 })
    await Promise.all([5, 5, 1, 30, 2, 2, 2, 2].map((item) => batcher.add(item)))
    expect(batches).toEqual([[5, 5], [1], [30], [2, 2, 2], [2]])
  })

  it('fails the items of a flush that failed, and no others', async () => {
    const batcher = createBatcher<string, string>(
      async (items) => {
        if (items.includes('bad')) throw new Error('refused')
        return items
      },
      { maxItems: 1 },
    )
    const [bad, good] = await Promise.allSettled([batcher.add('bad'), batcher.add('good')])
    expect(bad).toMatchObject({ status: 'rejected', reason: new Error('refused') })
    expect(good).toMatchObject({ status: 'fulfilled', value: 'good' })
  })

  it('waits for more only after a batch of four', async () => {
    const batches: number[][] = []
    const flush = async (items: number[]) => {
      batches.push(items)
      return items
    }
    const batcher = createBatcher(flush, { maxItems: 9, busyGatherMs: 2_000 })
    const add = (...items: number[]) => Promise.all(items.map((item) => batcher.add(item)))
    await add(1, 2, 3)
    const startedAt = performance.now()
    await add(4, 5, 6, 7)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    const eighth = add(8)
    await nextTurn()
    await nextTurn()
    await Promise.all([eighth, add(9)])
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
  })

  it('says when nothing is left to do', async () => {
    let flushed = 0
    const batcher = createBatcher<number, number>(
      async (items) => {
        flushed += items.length
        return items
      },
      { maxItems: 1 },
    )
    void batcher.add(1)
    void batcher.add(2)
    await batcher.whenIdle()
    expect(flushed).toBe(2)
  })
})
