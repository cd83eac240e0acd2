/** How numbers, sizes, times and durations read in the console. Pure, so pages and browsers share it. */

const LOCALE = 'en-US'
const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB']
const BYTES_PER_UNIT = 1024

/** `23 B`, `1.4 KB`, `12 MB`. */
export function formatBytes(bytes: number | bigint): string {
  let value = Number(bytes)
  let unit = 0
  while (value >= BYTES_PER_UNIT && unit < BYTE_UNITS.length - 1) {
    value /= BYTES_PER_UNIT
    unit += 1
  }
  const digits = unit > 0 && value < 10 ? 1 : 0
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`
}

/** `1,234`. */
export function formatCount(count: number): string {
  return count.toLocaleString(LOCALE)
}

/** `Aug 5, 2021, 1:00:00 PM`, in the process's time zone unless one is named; UTC is written behind the time. */
export function formatDateTime(at: Date, timeZone?: string): string {
  const text = at.toLocaleString(LOCALE, { dateStyle: 'medium', timeStyle: 'medium', timeZone })
  return timeZone === 'UTC' ? `${text} UTC` : text
}

/** `1:00:05 PM`, in the process's time zone unless one is named. */
export function formatTime(at: Date, timeZone?: string): string {
  return at.toLocaleTimeString(LOCALE, { timeStyle: 'medium', timeZone })
}

/** `0.42 ms`, `38 ms`, `1.24 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(2)} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
}

/** `0:06`, minutes and seconds, as in the list of builds. */
export function formatClock(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const AGO_STEPS: [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [365 * 86_400, 'year'],
  [30 * 86_400, 'month'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
]

/** `a few seconds ago`, `3 minutes ago`, `yesterday`. */
export function formatAgo(at: Date, now: Date): string {
  const seconds = (now.getTime() - at.getTime()) / 1000
  for (const [length, unit] of AGO_STEPS) {
    if (seconds >= length) {
      return new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' }).format(-Math.floor(seconds / length), unit)
    }
  }
  return 'a few seconds ago'
}
