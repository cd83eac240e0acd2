import { Lane } from './lane'
import type { Consumer, Lock } from './message'

/** The messages of one session id, and who holds it. */
export type Session = {
  id: string
  lane: Lane
  holder: Consumer | null
  lockedUntilMs: number
  state: Buffer | null
  /** When the state was last set; 0 when it never was. */
  stateChangedAtMs: number
  locks: Set<Lock>
  /** Messages of this session in any state: an empty session without state or holder is forgotten. */
  messageCount: number
}

/** Someone who waits for the next session that has messages. */
export type SessionWaiter = {
  consumer: Consumer
  untilMs: number
  /** Called once: with the session, or with null when the time is over. */
  done(session: Session | null): void
}

export class SessionTable {
  #sessions = new Map<string, Session>()
  #waiters: SessionWaiter[] = []

  get size(): number {
    return this.#sessions.size
  }

  get waiterCount(): number {
    return this.#waiters.length
  }

  find(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  findOrCreate(id: string): Session {
    let session = this.#sessions.get(id)
    if (!session) {
      session = {
        id,
        lane: new Lane(),
        holder: null,
        lockedUntilMs: 0,
        state: null,
        stateChangedAtMs: 0,
        locks: new Set(),
        messageCount: 0,
      }
      this.#sessions.set(id, session)
    }
    return session
  }

  forgetIfIdle(session: Session): void {
    if (session.holder || session.state || session.messageCount > 0) return
    this.#sessions.delete(session.id)
  }

  all(): IterableIterator<Session> {
    return this.#sessions.values()
  }

  /** A session without a holder that has a message to give; it goes to the end, so that each gets its turn. */
  takeNextFree(): Session | undefined {
    for (const session of this.#sessions.values()) {
      if (session.holder || session.lane.peek() === undefined) continue
      this.#sessions.delete(session.id)
      this.#sessions.set(session.id, session)
      return session
    }
    return undefined
  }

  addWaiter(waiter: SessionWaiter): void {
    this.#waiters.push(waiter)
  }

  removeWaiter(consumer: Consumer): void {
    this.#waiters = this.#waiters.filter((waiter) => waiter.consumer !== consumer)
  }

  firstWaiter(): SessionWaiter | undefined {
    return this.#waiters[0]
  }

  shiftWaiter(): SessionWaiter | undefined {
    return this.#waiters.shift()
  }

  /** Takes out those whose time is over. */
  takeLateWaiters(nowMs: number): SessionWaiter[] {
    const late = this.#waiters.filter((waiter) => waiter.untilMs <= nowMs)
    if (late.length > 0) this.#waiters = this.#waiters.filter((waiter) => waiter.untilMs > nowMs)
    return late
  }
}
