/** When a silent link is looked at. */
export type WatchdogTimes = {
  /** After this long without a sign of life. */
  firstMs: number
  /** Each look that finds nothing doubles the wait, up to this: idle flows must cost little. */
  longestMs: number
}

export const WATCHDOG_TIMES: WatchdogTimes = { firstMs: 60_000, longestMs: 10 * 60_000 }

/** Looks spread over this share of their wait, so that a thousand idle flows do not look at the same moment. */
const JITTER = 1

/**
 * Looks at a link that has been silent for a while, because clients of Service Bus are known to go silent without an
 * error. `look` says what is wrong, or null; what is wrong goes to `onAlarm`. Outlives its links: a link that was built
 * anew and stays silent is looked at less and less often, or another program's long lock would rebuild it for ever.
 */
export class Watchdog {
  readonly #times: WatchdogTimes
  readonly #look: () => Promise<string | null>
  readonly #onAlarm: (text: string) => void
  #waitMs: number
  #silentSince = Date.now()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(times: WatchdogTimes, look: () => Promise<string | null>, onAlarm: (text: string) => void) {
    this.#times = times
    this.#look = look
    this.#onAlarm = onAlarm
    this.#waitMs = times.firstMs
    this.#schedule(times.firstMs * (1 + Math.random() * JITTER))
  }

  /** Something was received: the link lives. */
  noteLife(): void {
    this.#silentSince = Date.now()
    this.#waitMs = this.#times.firstMs
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(() => void this.#tick(), Math.max(1, afterMs))
    this.#timer.unref()
  }

  async #tick(): Promise<void> {
    const remainingMs = this.#silentSince + this.#times.firstMs - Date.now()
    if (remainingMs > 0) return this.#schedule(remainingMs)
    const problem = await this.#look()
    if (this.#isStopped) return
    this.#waitMs = Math.min(this.#times.longestMs, this.#waitMs * 2)
    this.#schedule(this.#waitMs * (1 + Math.random() * JITTER))
    if (problem) this.#onAlarm(problem)
  }
}
