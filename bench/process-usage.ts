import { readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second for every program, whatever its kernel uses inside. */
const TICK_MS = 10
const USER_TICKS_FIELD = 11
const MEGABYTE = 1024 * 1024

/** CPU time of all threads of a process so far, in ms. NaN where the system has no /proc. */
export function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[USER_TICKS_FIELD]) + Number(fields[USER_TICKS_FIELD + 1])) * TICK_MS
  } catch {
    return Number.NaN
  }
}

/** Resident memory of a process in MB. NaN where the system has no /proc. */
export function residentMb(pid: number): number {
  try {
    const pages = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB/m)
    return (Number(pages?.[1]) * 1024) / MEGABYTE
  } catch {
    return Number.NaN
  }
}
