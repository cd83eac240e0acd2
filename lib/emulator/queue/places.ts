import { Lane } from './lane'
import { LockTable } from './lock-table'
import type { Lock, StoredMessage } from './message'
import { MessageStore } from './message-store'
import { type Session, SessionTable } from './session'
import { TimeHeap } from './time-heap'

/**
 * Where each message of a queue is: waiting in a lane, locked, deferred or scheduled. Moves messages between these
 * places; decides nothing.
 */
export class Places {
  readonly store = new MessageStore()
  readonly locks = new LockTable()
  readonly sessions = new SessionTable()
  readonly #lane = new Lane()
  readonly #scheduled = new TimeHeap<StoredMessage>()
  readonly #expiring = new TimeHeap<StoredMessage>()

  constructor(private readonly hasSessions: boolean) {}

  /** How many messages wait for a point in time. */
  get timedCount(): number {
    return this.locks.size + this.#scheduled.size + this.#expiring.size
  }

  /** Brings a message in, to where its state says. */
  place(message: StoredMessage): void {
    this.store.add(message)
    const session = this.#sessionOf(message)
    if (session) session.messageCount++
    if (message.state === 'scheduled') this.#scheduled.push(message.scheduledAtMs ?? 0, message)
    if (message.state !== 'active') return
    this.#waitForExpiry(message)
    this.#laneOf(message).push(message)
  }

  /** Takes a message out for good, from wherever it is. */
  takeOut(message: StoredMessage): void {
    const waits = message.state === 'active' && !message.lock
    if (message.lock) this.locks.release(message.lock)
    this.#scheduled.remove(message)
    this.#expiring.remove(message)
    this.store.remove(message)
    if (waits) this.#laneOf(message).remove(message)
    const session = this.#sessionOf(message)
    if (!session) return
    session.messageCount--
    this.sessions.forgetIfIdle(session)
  }

  /** The message that waits longest, in a session or, without one, in the queue. */
  peekNext(session: Session | null): StoredMessage | undefined {
    return (session?.lane ?? this.#lane).peek()
  }

  /** Locks the message that `peekNext` showed. */
  lockNext(session: Session | null, untilMs: number): Lock | undefined {
    const message = (session?.lane ?? this.#lane).shift()
    return message && this.locks.acquire(message, session, untilMs)
  }

  /** Ends a lock; an active message waits again, where its number belongs. */
  unlock(lock: Lock): void {
    this.locks.release(lock)
    if (lock.message.state !== 'active') return
    this.#laneOf(lock.message).putBack(lock.message)
    // Its time may have been met while it was locked, and the clock have been set back since.
    this.#waitForExpiry(lock.message)
  }

  /** A locked message becomes a deferred one. */
  defer(lock: Lock): void {
    this.locks.release(lock)
    this.store.setState(lock.message, 'deferred')
  }

  /** A scheduled message whose time has come; it stays where it is. */
  nextDue(nowMs: number): StoredMessage | undefined {
    return this.#scheduled.popDue(nowMs)
  }

  /** A waiting message whose time is over. Locked ones are looked at when their lock ends; deferred ones stay. */
  nextExpired(nowMs: number): StoredMessage | undefined {
    for (let message = this.#expiring.popDue(nowMs); message; message = this.#expiring.popDue(nowMs)) {
      if (!message.lock && message.state === 'active') return message
    }
    return undefined
  }

  #waitForExpiry(message: StoredMessage): void {
    if (message.expiresAtMs === Infinity || this.#expiring.has(message)) return
    this.#expiring.push(message.expiresAtMs, message)
  }

  #sessionOf(message: StoredMessage): Session | null {
    return this.hasSessions ? this.sessions.findOrCreate(message.sessionId ?? '') : null
  }

  #laneOf(message: StoredMessage): Lane {
    return this.#sessionOf(message)?.lane ?? this.#lane
  }
}
