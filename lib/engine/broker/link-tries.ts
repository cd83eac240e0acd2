import { setTimeout as sleep } from 'node:timers/promises'
import { readFault } from './fault'
import type { ReceiverListener } from './port'
import { TryPace } from './try-pace'

/**
 * A try that takes longer hangs: the client waits for a minute for the answer to what it asked over a connection that is
 * gone. First tries are spared, since a thousand flows may start at once.
 */
const TRY_LIMIT_MS = 20_000

/** The tries to make one link, which the client repeats by itself: when each is due, and what is told of those that fail. */
export class LinkTries {
  readonly #listener: ReceiverListener
  readonly #pace = new TryPace()
  readonly #stop = new AbortController()
  #isTrying = false
  #isFirst = true
  #limit: NodeJS.Timeout | undefined
  #nextAt: Date | null = null

  constructor(listener: ReceiverListener) {
    this.#listener = listener
  }

  /** A link that stood is made anew at once. */
  async untilNext(): Promise<void> {
    const waitMs = (this.#nextAt?.getTime() ?? 0) - Date.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => {})
    if (this.#stop.signal.aborted) return
    this.#isTrying = true
    if (!this.#isFirst) this.#limitWait()
    this.#isFirst = false
  }

  noteSuccess(): void {
    this.#isTrying = false
    clearTimeout(this.#limit)
    this.#nextAt = null
    this.#pace.noteSuccess()
    this.#listener.onConnected()
  }

  /**
   * One failed try may be told twice, by the link and by who tried. The client may hang behind a fault, in the try or in
   * letting go of the former link: the link must stand, or be tried again, within the limit.
   */
  noteFault(error: unknown): void {
    const fault = readFault(error)
    if (this.#isTrying) this.#nextAt = this.#pace.noteFailure()
    this.#isTrying = false
    const isOfLink = fault.kind !== 'lock_lost' && fault.kind !== 'aborted'
    if (isOfLink && !this.#stop.signal.aborted) this.#limitWait()
    this.#listener.onFault(fault, this.#nextAt ?? new Date())
  }

  stop(): void {
    this.#stop.abort()
    clearTimeout(this.#limit)
  }

  #limitWait(): void {
    clearTimeout(this.#limit)
    this.#limit = setTimeout(() => this.#listener.onStuck?.(), TRY_LIMIT_MS)
  }
}
