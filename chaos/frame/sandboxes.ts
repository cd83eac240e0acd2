import { readdirSync, readFileSync } from 'node:fs'
import { MARK_VARIABLE } from '@/lib/runtime/sandbox/sandbox-mark'

/** Processes around sandboxes that these servers started, whoever has inherited them and whether the servers live or not. */
export function sandboxesOf(serverPids: Iterable<number>): number[] {
  const marks = [...serverPids].map((pid) => `${MARK_VARIABLE}=${pid}-`)
  const isTheirs = (pid: string) => {
    try {
      const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
      return entries.some((entry) => marks.some((mark) => entry.startsWith(mark)))
    } catch {
      return false // it has just ended
    }
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isTheirs(name))
    .map(Number)
}
