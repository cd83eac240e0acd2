import { expect, test } from 'vitest'
import { isoTime } from './iso-time'

test('says of each time what the date itself says, whatever was asked before', () => {
  const starts = [0, -1, -1_000, 951_782_399_999, 1_795_000_000_000, -62_198_755_200_001, 253_402_300_800_000]
  for (const start of starts) {
    for (const step of [0, 1, 9, 10, 99, 100, 999, 1_000, 16_000, 17_001, 86_400_000]) {
      const at = new Date(start + step)
      expect(isoTime(at)).toBe(at.toISOString())
    }
  }
})

test('refuses what is no time, as the date itself does', () => {
  expect(() => isoTime(new Date(Number.NaN))).toThrow(RangeError)
})
