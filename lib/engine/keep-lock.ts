import { setTimeout as sleep } from 'node:timers/promises'
import { metrics } from '@/lib/telemetry/registry'
import { readFault } from './broker/fault'

/** What is locked for us: a message, or a session. */
export type Lockable = { readonly lockedUntil: Date; renewLock(): Promise<Date> }

/** A lock that is renewed until it is released or lost. */
export interface HeldLock {
  readonly lockedUntil: Date
  readonly isLost: boolean
  /** Ends the renewals. Call it before the message is settled, so that no renewal meets a settled message. */
  release(): void
}

/** However little of a lock seems to remain, this much is left for a renewal. */
const SHORTEST_LOCK_MS = 1_000
/** A lock that looks over when it is given: our clock is ahead. It lasts at least as long as Service Bus' shortest. */
const UNKNOWN_LOCK_MS = 5_000
/** A renewal that did not get through is tried again after a tenth of the lock's time, and after this at most. */
const LONGEST_RETRY_MS = 500

/**
 * Renews a lock by its token, each time half of what remains has passed. `onLost` is called once, never
 * after `release`: when the broker says so, or when no renewal got through for as long as the lock lasts.
 */
export function keepLock(lockable: Lockable, onLost: () => void): HeldLock {
  return new KeptLock(lockable, onLost)
}

/** Nearly every message is settled before its first renewal: until then a timer is all that it costs. */
class KeptLock implements HeldLock {
  lockedUntil: Date
  isLost = false
  readonly #lockable: Lockable
  readonly #onLost: () => void
  #timer: NodeJS.Timeout | undefined
  #renewing: AbortController | undefined
  #isReleased = false

  constructor(lockable: Lockable, onLost: () => void) {
    this.#lockable = lockable
    this.#onLost = onLost
    this.lockedUntil = lockable.lockedUntil
    this.#schedule()
  }

  release(): void {
    this.#isReleased = true
    clearTimeout(this.#timer)
    this.#renewing?.abort()
  }

  #schedule(): void {
    const leftMs = this.lockedUntil.getTime() - Date.now()
    const remainingMs = leftMs > 0 ? Math.max(SHORTEST_LOCK_MS, leftMs) : UNKNOWN_LOCK_MS
    this.#timer = setTimeout(() => void this.#renew(remainingMs), remainingMs / 2)
  }

  async #renew(remainingMs: number): Promise<void> {
    const renewing = new AbortController()
    this.#renewing = renewing
    // No AbortSignal.timeout: nothing else holds a renewal that is never answered, and its signal would be collected.
    const deadline = setTimeout(() => renewing.abort(), remainingMs / 2)
    try {
      const retryMs = Math.min(LONGEST_RETRY_MS, remainingMs / 10)
      this.lockedUntil = await renew(this.#lockable, retryMs, renewing.signal)
      if (!this.#isReleased) this.#schedule()
    } catch {
      if (this.#isReleased) return
      this.isLost = true
      metrics().locksLost.inc()
      this.#onLost()
    } finally {
      clearTimeout(deadline)
    }
  }
}

/** Tries until `signal` ends; a link that is down now may stand again before. Rejects when the lock is lost. */
async function renew(lockable: Lockable, retryMs: number, signal: AbortSignal): Promise<Date> {
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  ended.catch(() => {})
  for (;;) {
    try {
      const lockedUntil = await Promise.race([lockable.renewLock(), ended])
      metrics().lockRenewals.inc({ result: 'renewed' })
      return lockedUntil
    } catch (error) {
      if (!signal.aborted) metrics().lockRenewals.inc({ result: 'failed' })
      if (signal.aborted || readFault(error).kind === 'lock_lost') throw error
      await sleep(retryMs, undefined, { signal })
    }
  }
}
