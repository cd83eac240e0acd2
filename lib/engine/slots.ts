import type { Abortable } from '@/lib/abortable'

type Waiter = { resolve(hasSlot: boolean): void }

/**
 * How many messages of one flow may run at a time. All links of a consumer share its slots, so the flow's concurrency
 * holds while one link takes over from another.
 */
export class Slots {
  readonly count: number
  /** Messages in hand that take no slot, by their stage. */
  readonly letGo: Record<'recording' | 'held', number> = { recording: 0, held: 0 }
  #taken = 0
  #waiting: Waiter[] = []
  #onGive: (() => void)[] = []

  constructor(count: number) {
    this.count = count
  }

  get free(): number {
    return this.count - this.#taken
  }

  /** Resolves to true with a slot taken, or to false when `signal` ended first. */
  take(signal: Abortable): Promise<boolean> | boolean {
    if (signal.aborted) return false
    if (this.free > 0) {
      this.#taken += 1
      return true
    }
    return new Promise((resolve) => {
      const waiter: Waiter = { resolve }
      this.#waiting.push(waiter)
      signal.addEventListener('abort', () => this.#giveUp(waiter), { once: true })
    })
  }

  give(): void {
    const next = this.#waiting.shift()
    // The slot goes from hand to hand: it is never free in between.
    if (next) next.resolve(true)
    else this.#taken -= 1
    for (const wake of this.#onGive.splice(0)) wake()
  }

  /** Calls back once, when the next slot is given back. */
  onNextGive(wake: () => void): void {
    this.#onGive.push(wake)
  }

  #giveUp(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter)
    if (at < 0) return
    this.#waiting.splice(at, 1)
    waiter.resolve(false)
  }
}
