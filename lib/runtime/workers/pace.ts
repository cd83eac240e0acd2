/** The weight of the last call in the mean. */
const LAST_SHARE = 0.1

/** How long the calls of one version take. */
export class Pace {
  #meanMs = 0
  /** Starts of the calls that run, the oldest first. */
  readonly #running = new Set<{ startedAt: number }>()

  /** A call begins; the answer is to be called when it ends. */
  begin(): () => void {
    const call = { startedAt: performance.now() }
    this.#running.add(call)
    return () => {
      if (!this.#running.delete(call)) return
      const tookMs = performance.now() - call.startedAt
      this.#meanMs = this.#meanMs === 0 ? tookMs : this.#meanMs + LAST_SHARE * (tookMs - this.#meanMs)
    }
  }

  /** What to expect of a call, in ms: what the last ones took, or the oldest that runs has taken already. */
  get callMs(): number {
    const [oldest] = this.#running
    return Math.max(this.#meanMs, oldest ? performance.now() - oldest.startedAt : 0)
  }
}
