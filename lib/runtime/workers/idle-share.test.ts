import { describe, expect, it } from 'vitest'
import { IdleShare, type ProcessorTimes } from './idle-share'

/** Two processors whose clock is moved by hand. */
function twoProcessors() {
  const times: ProcessorTimes = { idleMs: 1_000, totalMs: 9_000 }
  let now = 0
  let reads = 0
  const read = () => {
    reads++
    return { ...times }
  }
  return {
    share: new IdleShare(read, () => now),
    pass: (ms: number, idle: number) => {
      now += ms
      times.totalMs += 2 * ms
      times.idleMs += 2 * ms * idle
    },
    reads: () => reads,
  }
}

describe('the idle share of processors', () => {
  it('is that of the time since the last look', () => {
    const { share, pass } = twoProcessors()
    expect(share.take()).toBeUndefined()
    pass(1_200, 0.75)
    expect(share.take()).toBeCloseTo(0.75)
    pass(1_000, 0.25)
    expect(share.take()).toBeCloseTo(0.25)
  })

  it('is told and read once a second, however often one asks', () => {
    const { share, pass, reads } = twoProcessors()
    share.take()
    for (let step = 0; step < 9; step++) {
      pass(100, 1)
      expect(share.take()).toBeUndefined()
    }
    expect(reads()).toBe(1)
  })

  it('is not told of a time long past', () => {
    const { share, pass } = twoProcessors()
    share.take()
    pass(60_000, 1)
    expect(share.take()).toBeUndefined()
    pass(1_000, 0.5)
    expect(share.take()).toBeCloseTo(0.5)
  })

  it('can be read on this machine', async () => {
    let now = 0
    const share = new IdleShare(undefined, () => now)
    const shares: number[] = []
    await expect
      .poll(() => {
        now += 1_000
        const found = share.take()
        if (found !== undefined) shares.push(found)
        return shares.length
      })
      .toBeGreaterThan(0)
    for (const found of shares) expect(found >= 0 && found <= 1).toBe(true)
  })
})
