import { newLockToken } from '../codec/lock-token'
import type { Lock, StoredMessage } from './message'
import type { Session } from './session'
import { TimeHeap } from './time-heap'

/** Locks by token and by their end. Those of a session end with it, and are not looked for by time. */
export class LockTable {
  readonly #locks = new Map<string, Lock>()
  /** Sorted by time, not by arrival: the lock duration may change, and the clock may be set back. */
  readonly #ends = new TimeHeap<Lock>()

  get size(): number {
    return this.#locks.size
  }

  acquire(message: StoredMessage, session: Session | null, untilMs: number): Lock {
    const lock: Lock = { token: newLockToken(), message, session, untilMs, held: true, onEnded: undefined }
    message.lock = lock
    if (session) session.locks.add(lock)
    else this.#ends.push(untilMs, lock)
    this.#locks.set(keyOf(lock.token), lock)
    return lock
  }

  find(token: Buffer): Lock | undefined {
    return this.#locks.get(keyOf(token))
  }

  renew(lock: Lock, untilMs: number): void {
    lock.untilMs = untilMs
    if (lock.session) return
    this.#ends.remove(lock)
    this.#ends.push(untilMs, lock)
  }

  release(lock: Lock): void {
    lock.held = false
    lock.message.lock = null
    lock.session?.locks.delete(lock)
    this.#ends.remove(lock)
    this.#locks.delete(keyOf(lock.token))
    lock.onEnded?.()
  }

  /** The lock that ended first, of those without a session. */
  ended(nowMs: number): Lock | undefined {
    return this.#ends.due(nowMs)
  }

  all(): Lock[] {
    return [...this.#locks.values()]
  }
}

function keyOf(token: Buffer): string {
  return token.toString('latin1')
}
