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

/** The broker's clock may differ from ours: a lock that looks over at receipt is still taken to last this long. */
const SHORTEST_LOCK_MS = 1_000
/** A renewal that did not get through is tried again after a tenth of the lock's time, and after this at most. */
const LONGEST_RETRY_MS = 500

/**
 * Renews a lock by its token, each time half of what remains has passed. `onLost` is called once, never
 * after `release`: when the broker says so, or when no renewal got through for as long as the lock lasts.
 */
export function keepLock(lockable: Lockable, onLost: () => void): HeldLock {
  const released = new AbortController()
  const lock = { lockedUntil: lockable.lockedUntil, isLost: false, release: () => released.abort() }
  const renewals = async () => {
    for (;;) {
      const remainingMs = Math.max(SHORTEST_LOCK_MS, lock.lockedUntil.getTime() - Date.now())
      const end = AbortSignal.timeout(remainingMs)
      await sleep(remainingMs / 2, undefined, { signal: released.signal })
      const retryMs = Math.min(LONGEST_RETRY_MS, remainingMs / 10)
      lock.lockedUntil = await renew(lockable, retryMs, AbortSignal.any([released.signal, end]))
    }
  }
  void renewals().catch(() => {
    if (released.signal.aborted) return
    lock.isLost = true
    metrics().locksLost.inc()
    onLost()
  })
  return lock
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
