import { newLockToken } from '../codec/lock-token'
import type { Lock, StoredMessage } from './message'
import type { Session } from './session'

/**
 * Locks by token. The map keeps them in the order of their expiry because each new or renewed lock goes to its end and
 * the lock duration is constant; `reorder` restores that after the duration changed.
 */
export class LockTable {
  #locks = new Map<string, Lock>()

  get size(): number {
    return this.#locks.size
  }

  acquire(message: StoredMessage, session: Session | null, untilMs: number): Lock {
    const lock: Lock = { token: newLockToken(), message, session, untilMs, held: true }
    message.lock = lock
    session?.locks.add(lock)
    this.#locks.set(keyOf(lock.token), lock)
    return lock
  }

  find(token: Buffer): Lock | undefined {
    return this.#locks.get(keyOf(token))
  }

  renew(lock: Lock, untilMs: number): void {
    lock.untilMs = untilMs
    const key = keyOf(lock.token)
    this.#locks.delete(key)
    this.#locks.set(key, lock)
  }

  release(lock: Lock): void {
    lock.held = false
    lock.message.lock = null
    lock.session?.locks.delete(lock)
    this.#locks.delete(keyOf(lock.token))
  }

  /** The lock that ends first. */
  first(): Lock | undefined {
    return this.#locks.values().next().value
  }

  all(): Lock[] {
    return [...this.#locks.values()]
  }

  reorder(): void {
    const ordered = [...this.#locks].sort(([, a], [, b]) => a.untilMs - b.untilMs)
    this.#locks = new Map(ordered)
  }
}

function keyOf(token: Buffer): string {
  return token.toString('latin1')
}
