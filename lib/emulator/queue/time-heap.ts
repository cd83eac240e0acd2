import type { StoredMessage } from './message'

type Entry = { atMs: number; message: StoredMessage }

/** Messages by a point in time, earliest first. Removed messages stay until their time comes up. */
export class TimeHeap {
  #entries: Entry[] = []

  get size(): number {
    return this.#entries.length
  }

  push(atMs: number, message: StoredMessage): void {
    const entries = this.#entries
    let index = entries.length
    entries.push({ atMs, message })
    while (index > 0) {
      const parent = (index - 1) >> 1
      if ((entries[parent] as Entry).atMs <= atMs) break
      this.#swap(index, parent)
      index = parent
    }
  }

  /** Takes the earliest message that is due. */
  popDue(nowMs: number): StoredMessage | undefined {
    const first = this.#entries[0]
    if (first === undefined || first.atMs > nowMs) return undefined
    const last = this.#entries.pop() as Entry
    if (this.#entries.length > 0) {
      this.#entries[0] = last
      this.#sink()
    }
    return first.message
  }

  #sink(): void {
    const entries = this.#entries
    let index = 0
    for (;;) {
      let smallest = index
      for (const child of [2 * index + 1, 2 * index + 2]) {
        const candidate = entries[child]
        if (candidate && candidate.atMs < (entries[smallest] as Entry).atMs) smallest = child
      }
      if (smallest === index) return
      this.#swap(index, smallest)
      index = smallest
    }
  }

  #swap(a: number, b: number): void {
    const entries = this.#entries
    const kept = entries[a] as Entry
    entries[a] = entries[b] as Entry
    entries[b] = kept
  }
}
