import type { Consumer, Lock } from './message'
import type { Session, SessionTable } from './session'

export type AcceptedSession = { session: Session } | { refused: 'cannot-be-locked' | 'timeout' }

/** Who holds which session, and who waits for one. */
export class SessionLocks {
  constructor(
    private readonly sessions: SessionTable,
    private readonly lockDurationMs: () => number,
    /** Ends a message's lock without settlement. */
    private readonly giveBack: (lock: Lock, counted: boolean, nowMs: number) => void,
  ) {}

  /** Takes a session, or waits up to `timeoutMs` for the next free one when `sessionId` is null. */
  accept(
    sessionId: string | null,
    consumer: Consumer,
    timeoutMs: number,
    nowMs: number,
    done: (accepted: AcceptedSession) => void,
  ): void {
    if (sessionId === null) {
      this.sessions.addWaiter({
        consumer,
        untilMs: nowMs + timeoutMs,
        done: (session) => done(session ? { session } : { refused: 'timeout' }),
      })
      this.serveWaiters(nowMs)
      return
    }
    const session = this.sessions.findOrCreate(sessionId)
    if (session.holder) done({ refused: 'cannot-be-locked' })
    else done({ session: this.#hold(session, consumer, nowMs) })
  }

  /** Gives free sessions with messages to those who wait. */
  serveWaiters(nowMs: number): void {
    while (this.sessions.waiterCount > 0) {
      const session = this.sessions.takeNextFree()
      const waiter = session && this.sessions.shiftWaiter()
      if (!session || !waiter) return
      waiter.done(this.#hold(session, waiter.consumer, nowMs))
    }
  }

  held(sessionId: string, nowMs: number): Session | undefined {
    const session = this.sessions.find(sessionId)
    return session?.holder && session.lockedUntilMs > nowMs ? session : undefined
  }

  /** Moves the end of the lock, and of the messages' locks with it; returns the new end. */
  renew(session: Session, nowMs: number): number {
    session.lockedUntilMs = nowMs + this.lockDurationMs()
    for (const lock of session.locks) lock.untilMs = session.lockedUntilMs
    return session.lockedUntilMs
  }

  /** The receiver leaves: its messages go back, uncounted, and the session is free. */
  release(session: Session, consumer: Consumer, nowMs: number): void {
    if (session.holder !== consumer) return
    this.#free(session, false, nowMs)
    this.serveWaiters(nowMs)
  }

  /** Ends the locks whose time is over, and the waiting of those whose time is over. */
  endLate(nowMs: number): void {
    for (const session of this.sessions.all()) {
      if (session.holder && session.lockedUntilMs <= nowMs) this.#lose(session, nowMs)
    }
    for (const waiter of this.sessions.takeLateWaiters(nowMs)) waiter.done(null)
  }

  /** Ends all locks now. */
  endAll(nowMs: number): void {
    for (const session of [...this.sessions.all()]) if (session.holder) this.#lose(session, nowMs)
  }

  #hold(session: Session, consumer: Consumer, nowMs: number): Session {
    session.holder = consumer
    session.lockedUntilMs = nowMs + this.lockDurationMs()
    return session
  }

  #lose(session: Session, nowMs: number): void {
    const { holder } = session
    this.#free(session, true, nowMs)
    holder?.loseSession()
  }

  #free(session: Session, counted: boolean, nowMs: number): void {
    session.holder = null
    session.lockedUntilMs = 0
    for (const lock of [...session.locks]) this.giveBack(lock, counted, nowMs)
    this.sessions.forgetIfIdle(session)
  }
}
