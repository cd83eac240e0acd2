import { expect, it } from 'vitest'
import { formatDuration, parseDuration } from './duration'

it.each([
  ['PT5M', 300_000],
  ['PT1H30M', 5_400_000],
  ['P14D', 1_209_600_000],
  ['PT0.5S', 500],
  ['P1DT1S', 86_401_000],
  ['P10675199DT2H48M5.4775807S', Infinity],
])('%s is %d ms and is written the same way', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
  expect(formatDuration(ms)).toBe(text)
})

it.each([
  ['PT1.0006S', 1001],
  ['PT0.0001S', 0],
  ['P1DT0.0014S', 86_400_001],
])('%s is rounded to %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

it.each(['', 'P', 'PT', '5M', 'PT5', 'P-1D', undefined])('%s is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
