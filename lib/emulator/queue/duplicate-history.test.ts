import { expect, it } from 'vitest'
import { DuplicateHistory } from './duplicate-history'

const WINDOW_MS = 100

it('forgets ids after the window, the oldest first', () => {
  const history = new DuplicateHistory()
  history.add('a', 1000, WINDOW_MS)
  history.add('b', 1050, WINDOW_MS)
  history.forgetOlder(1100, WINDOW_MS)
  expect([...history.entries()]).toEqual([['b', 1050]])
})

it('keeps no id longer than the window when the clock is set back', () => {
  const history = new DuplicateHistory()
  history.add('before', 9000, WINDOW_MS)
  expect(history.add('after', 1000, WINDOW_MS)).toBe(true)
  expect(history.add('before', 1000 + WINDOW_MS - 1, WINDOW_MS)).toBe(false)
  history.forgetOlder(1000 + WINDOW_MS, WINDOW_MS)
  expect(history.size).toBe(0)
})
