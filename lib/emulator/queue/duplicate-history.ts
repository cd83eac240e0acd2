/** Message ids seen within the window, oldest first. */
export class DuplicateHistory {
  readonly #seenAtMs = new Map<string, number>()
  #latestMs = 0

  get size(): number {
    return this.#seenAtMs.size
  }

  /** Remembers an id; false when it was seen within the window. */
  add(messageId: string, nowMs: number, windowMs: number): boolean {
    this.#followClock(nowMs)
    const seenAtMs = this.#seenAtMs.get(messageId)
    if (seenAtMs !== undefined && nowMs - seenAtMs < windowMs) return false
    this.restore(messageId, nowMs)
    return true
  }

  restore(messageId: string, seenAtMs: number): void {
    this.#seenAtMs.delete(messageId)
    this.#seenAtMs.set(messageId, seenAtMs)
    this.#latestMs = Math.max(this.#latestMs, seenAtMs)
  }

  forgetOlder(nowMs: number, windowMs: number): void {
    this.#followClock(nowMs)
    for (const [messageId, seenAtMs] of this.#seenAtMs) {
      if (nowMs - seenAtMs < windowMs) return
      this.#seenAtMs.delete(messageId)
    }
  }

  entries(): IterableIterator<[string, number]> {
    return this.#seenAtMs.entries()
  }

  /** After the clock was set back: what would be seen in the future was seen by now, and the order stays that of time. */
  #followClock(nowMs: number): void {
    if (nowMs >= this.#latestMs) return
    for (const [messageId, seenAtMs] of this.#seenAtMs) {
      if (seenAtMs > nowMs) this.#seenAtMs.set(messageId, nowMs)
    }
    this.#latestMs = nowMs
  }
}
