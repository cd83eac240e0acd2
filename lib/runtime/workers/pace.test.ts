import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pace } from './pace'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

describe('the pace of a version', () => {
  const call = (pace: Pace, ms: number) => {
    const end = pace.begin()
    vi.advanceTimersByTime(ms)
    end()
  }

  it('follows what the last calls took', () => {
    const pace = new Pace()
    expect(pace.callMs).toBe(0)
    call(pace, 100)
    expect(pace.callMs).toBe(100)
    for (let i = 0; i < 50; i++) call(pace, 10)
    expect(pace.callMs).toBeGreaterThan(10)
    expect(pace.callMs).toBeLessThan(11)
  })

  it('is that of a call that runs for longer than the last ones', () => {
    const pace = new Pace()
    call(pace, 10)
    const end = pace.begin()
    vi.advanceTimersByTime(5)
    expect(pace.callMs).toBe(10)
    vi.advanceTimersByTime(500)
    expect(pace.callMs).toBe(505)
    end()
    end()
    expect(pace.callMs).toBeCloseTo(10 + 0.1 * 495)
  })
})
