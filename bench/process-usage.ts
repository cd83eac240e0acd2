import { readFileSync } from 'node:fs'

/** Linux counts CPU time in hundredths of a second for every program, whatever its kernel uses inside. */
const TICK_MS = 10
const USER_TICKS_FIELD = 11
const CHILDREN_TICKS_FIELD = 13
const MEGABYTE = 1024 * 1024

/** CPU time of all threads of a process so far, in ms. NaN where the system has no /proc. */
export function cpuMs(pid: number): number {
  return ticksMs(pid, USER_TICKS_FIELD)
}

/** CPU time of the children of a process that have ended, and of theirs, in ms. */
export function endedChildrenCpuMs(pid: number): number {
  return ticksMs(pid, CHILDREN_TICKS_FIELD)
}

/** User and system time, which stand beside each other. */
function ticksMs(pid: number, field: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[field]) + Number(fields[field + 1])) * TICK_MS
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
