const FIRST_DELAY_MS = 1_000
/** So long at most does a broker that is back wait for us. */
const LONGEST_DELAY_MS = 5_000

/** Says when a link that could not be made is tried again: after 1, 2, 4 and then every 5 seconds. */
export class TryPace {
  #failed = 0

  noteSuccess(): void {
    this.#failed = 0
  }

  /** Of a try that failed just now: when the next one is due. */
  noteFailure(): Date {
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failed)
    this.#failed += 1
    return new Date(Date.now() + delayMs)
  }
}
