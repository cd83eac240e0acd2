import os from 'node:os'
import { SECOND_MS } from '../limits'

/** Sums over all processors since the machine started, in ms. */
export type ProcessorTimes = { idleMs: number; totalMs: number }

const SHORTEST_WINDOW_MS = 1 * SECOND_MS
const LONGEST_WINDOW_MS = 3 * SECOND_MS

/** Tells once a second, to whoever asks, how much of the processors' time was left over since. */
export class IdleShare {
  readonly #read: () => ProcessorTimes
  readonly #now: () => number
  #since: (ProcessorTimes & { at: number }) | undefined

  constructor(read = readProcessorTimes, now = () => performance.now()) {
    this.#read = read
    this.#now = now
  }

  /** From 0 to 1; undefined when nobody asked a little more than a second ago. */
  take(): number | undefined {
    const at = this.#now()
    const since = this.#since
    if (since && at - since.at < SHORTEST_WINDOW_MS) return undefined
    const times = this.#read()
    this.#since = { ...times, at }
    if (!since || at - since.at > LONGEST_WINDOW_MS || times.totalMs <= since.totalMs) return undefined
    return (times.idleMs - since.idleMs) / (times.totalMs - since.totalMs)
  }
}

function readProcessorTimes(): ProcessorTimes {
  let idleMs = 0
  let totalMs = 0
  for (const { times } of os.cpus()) {
    idleMs += times.idle
    totalMs += times.user + times.nice + times.sys + times.idle + times.irq
  }
  return { idleMs, totalMs }
}
