import { expect, test } from 'vitest'
import { formatAgo, formatBytes, formatClock, formatCount, formatDateTime, formatDuration, formatTime } from './format'

test.each([
  [0, '0 B'],
  [23, '23 B'],
  [1023, '1023 B'],
  [1024, '1.0 KB'],
  [15_000, '15 KB'],
  [5n * 1024n ** 3n, '5.0 GB'],
])('%s bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test.each([
  [0.4, '0.40 ms'],
  [38.4, '38 ms'],
  [1240, '1.24 s'],
  [12_340, '12.3 s'],
  [125_000, '2 min 5 s'],
])('a duration of %s ms reads %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text)
})

test('a clock shows minutes and seconds', () => {
  expect(formatClock(6_200)).toBe('0:06')
  expect(formatClock(125_000)).toBe('2:05')
})

test('counts have separators', () => {
  expect(formatCount(1234567)).toBe('1,234,567')
})

test('a moment in UTC says so', () => {
  expect(formatDateTime(new Date('2021-08-05T13:00:00Z'), 'UTC').replace('\u202f', ' ')).toBe(
    'Aug 5, 2021, 1:00:00 PM UTC',
  )
})

test('formatTime shows a time of day to the second', () => {
  expect(formatTime(new Date('2021-08-05T13:00:05Z'), 'UTC').replace('\u202f', ' ')).toBe('1:00:05 PM')
})

test.each([
  [5, 'a few seconds ago'],
  [-5, 'a few seconds ago'],
  [60, '1 minute ago'],
  [3 * 3600, '3 hours ago'],
  [30 * 3600, 'yesterday'],
])('%s seconds back read %s', (seconds, text) => {
  const now = new Date('2024-01-10T12:00:00Z')
  expect(formatAgo(new Date(now.getTime() - seconds * 1000), now)).toBe(text)
})
