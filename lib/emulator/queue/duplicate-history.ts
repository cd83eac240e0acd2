/** Message ids seen within the window, oldest first. */
export class DuplicateHistory {
  #seenAtMs = new Map<string, number>()

  get size(): number {
    return this.#seenAtMs.size
  }

  /** Remembers an id; false when it was seen within the window. */
  add(messageId: string, nowMs: number, windowMs: number): boolean {
    const seenAtMs = this.#seenAtMs.get(messageId)
    if (seenAtMs !== undefined && nowMs - seenAtMs < windowMs) return false
    this.restore(messageId, nowMs)
    return true
  }

  restore(messageId: string, seenAtMs: number): void {
    this.#seenAtMs.delete(messageId)
    this.#seenAtMs.set(messageId, seenAtMs)
  }

  forgetOlder(nowMs: number, windowMs: number): void {
    for (const [messageId, seenAtMs] of this.#seenAtMs) {
      if (nowMs - seenAtMs < windowMs) return
      this.#seenAtMs.delete(messageId)
    }
  }

  entries(): IterableIterator<[string, number]> {
    return this.#seenAtMs.entries()
  }
}
