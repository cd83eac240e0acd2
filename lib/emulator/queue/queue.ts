import type { MessageContent } from '../codec/content'
import { DuplicateHistory } from './duplicate-history'
import type { FormerPlace, QueueLog } from './log'
import type { Consumer, Lock, Settlement, SettleResult, StoredMessage } from './message'
import { MessageCourse } from './message-course'
import { Places } from './places'
import { acceptsReceives, type QueueProperties } from './properties'
import type { Session } from './session'
import { SessionLocks } from './session-locks'

/**
 * The state machine of one queue. No I/O and no timers: every call gets the time, `tick` moves it on, changes go to the
 * log, deliveries to the consumers. Each message is in exactly one place: waiting in a lane, locked, deferred, scheduled
 * or gone.
 */
export class MessageQueue {
  readonly #places: Places
  readonly #course: MessageCourse
  readonly duplicates = new DuplicateHistory()
  /** Who holds which session. */
  readonly sessionLocks: SessionLocks
  #consumers: Consumer[] = []
  #turn = 0

  constructor(
    readonly id: number,
    readonly name: string,
    public properties: QueueProperties,
    private readonly log: QueueLog,
    /** Null for a dead-letter queue itself. */
    readonly deadLetters: MessageQueue | null,
  ) {
    this.#places = new Places(properties.requiresSession)
    this.#course = new MessageCourse(this, this.#places, log)
    this.sessionLocks = new SessionLocks(
      this.#places.sessions,
      () => this.properties.lockDurationMs,
      (lock, counted, nowMs) => this.#course.giveBack(lock, counted, nowMs),
    )
  }

  get store() {
    return this.#places.store
  }

  get sessions() {
    return this.#places.sessions
  }

  /** Locks that hold now. */
  get lockCount(): number {
    return this.#places.locks.size
  }

  /** Whether time changes anything here. */
  get busy(): boolean {
    const { timedCount, sessions } = this.#places
    return timedCount + this.duplicates.size + sessions.size + sessions.waiterCount > 0
  }

  // ---- sending

  /** Takes messages in. A duplicate is accepted and dropped: its place in the answer is undefined. */
  enqueue(contents: MessageContent[], nowMs: number): (StoredMessage | undefined)[] {
    const { requiresDuplicateDetection, duplicateDetectionWindowMs } = this.properties
    const stored = contents.map((content) => {
      const isNew =
        !requiresDuplicateDetection || this.duplicates.add(content.messageId, nowMs, duplicateDetectionWindowMs)
      return isNew ? this.#course.admit(content, nowMs) : undefined
    })
    this.pump(nowMs)
    return stored
  }

  /** Removes scheduled messages; false, and nothing removed, when one of them is not there. */
  cancelScheduled(sequenceNumbers: number[]): boolean {
    const messages = sequenceNumbers.map((sequenceNumber) => this.store.get(sequenceNumber))
    if (!messages.every((message) => message?.state === 'scheduled')) return false
    for (const message of new Set(messages)) if (message) this.#course.remove(message)
    return true
  }

  /** A message that was dead-lettered elsewhere arrives here. */
  takeIn(message: StoredMessage, former: FormerPlace, nowMs: number): void {
    this.#course.readmit(message, former)
    this.pump(nowMs)
  }

  // ---- receiving

  addConsumer(consumer: Consumer): void {
    this.#consumers.push(consumer)
  }

  removeConsumer(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer)
    this.sessions.removeWaiter(consumer)
  }

  /** Gives waiting messages to consumers with credit, in turn. */
  pump(nowMs: number): void {
    if (!acceptsReceives(this.properties.status)) return
    if (this.properties.requiresSession) {
      this.sessionLocks.serveWaiters(nowMs)
      for (const session of this.sessions.all()) this.pumpSession(session, nowMs)
      return
    }
    let without = 0
    while (without < this.#consumers.length) {
      this.#turn = (this.#turn + 1) % this.#consumers.length
      const consumer = this.#consumers[this.#turn] as Consumer
      if (consumer.credit() <= 0) without++
      else if (this.#deliverNext(consumer, null, nowMs)) without = 0
      else return
    }
  }

  /** Gives a session's messages to its holder, in order. */
  pumpSession(session: Session, nowMs: number): void {
    if (!acceptsReceives(this.properties.status)) return
    const { holder } = session
    while (holder && holder.credit() > 0 && this.#deliverNext(holder, session, nowMs)) {}
  }

  /** Up to `count` messages in any state, without locking them. */
  peek(fromSequenceNumber: number, count: number, sessionId?: string): StoredMessage[] {
    const found: StoredMessage[] = []
    for (const message of this.store.from(fromSequenceNumber)) {
      if (found.length >= count) break
      if (sessionId === undefined || message.sessionId === sessionId) found.push(message)
    }
    return found
  }

  /**
   * Locks deferred messages, or removes them at once; undefined when one is missing, locked or of another session. As in
   * the service, this is where those that have expired leave the queue; they count as missing.
   */
  takeDeferred(
    sequenceNumbers: number[],
    mode: Consumer['mode'],
    sessionId: string | undefined,
    nowMs: number,
  ): StoredMessage[] | undefined {
    const session = sessionId === undefined ? undefined : this.sessionLocks.held(sessionId, nowMs)
    if (this.properties.requiresSession && !session) return undefined
    const messages = new Set<StoredMessage>()
    let anyExpired = false
    for (const sequenceNumber of sequenceNumbers) {
      const message = this.store.get(sequenceNumber)
      if (message?.state !== 'deferred' || message.lock) return undefined
      if (session && message.sessionId !== session.id) return undefined
      if (message.expiresAtMs > nowMs) messages.add(message)
      else {
        this.#course.expire(message, nowMs)
        anyExpired = true
      }
    }
    if (anyExpired) return undefined
    for (const message of messages) {
      if (mode === 'receive-and-delete') this.#course.remove(message)
      else this.#places.locks.acquire(message, session ?? null, this.#lockEnd(session ?? null, nowMs))
    }
    return [...messages]
  }

  // ---- locks

  /** The lock with this token if it still holds. */
  findLock(token: Buffer, nowMs: number): Lock | undefined {
    const lock = this.#places.locks.find(token)
    return lock && this.#lockLoss(lock, nowMs) === undefined ? lock : undefined
  }

  /** Moves the end of a lock that holds; returns the new end. */
  renew(lock: Lock, nowMs: number): number {
    this.#places.locks.renew(lock, this.#lockEnd(lock.session, nowMs))
    return lock.untilMs
  }

  /** Applies a receiver's decision, if its lock still holds. */
  settle(lock: Lock, settlement: Settlement, nowMs: number): SettleResult {
    const loss = this.#lockLoss(lock, nowMs)
    if (loss) return loss
    const { message } = lock
    switch (settlement.kind) {
      case 'complete':
        this.#course.remove(message)
        break
      case 'abandon':
        this.#course.mergeProperties(message, settlement.properties)
        this.#course.giveBack(lock, settlement.counted, nowMs)
        this.pump(nowMs)
        break
      case 'defer':
        this.#course.mergeProperties(message, settlement.properties)
        this.#places.defer(lock)
        this.log.changed(this.id, message)
        break
      case 'dead-letter':
        this.#course.mergeProperties(message, settlement.properties)
        this.#course.deadLetter(message, settlement.reason, settlement.description, nowMs)
    }
    return 'settled'
  }

  /** Ends every lock now, as if its time were over; returns how many. For fault tests. */
  expireAllLocks(nowMs: number): number {
    const locks = this.#places.locks.all()
    for (const lock of locks) if (!lock.session) this.#course.giveBack(lock, true, nowMs)
    this.sessionLocks.endAll(nowMs)
    this.pump(nowMs)
    return locks.length
  }

  // ---- sessions

  setSessionState(session: Session, state: Buffer | null, nowMs: number): void {
    session.state = state
    session.stateChangedAtMs = nowMs
    this.log.sessionState(this.id, session)
  }

  // ---- time and settings

  /** Ends locks, frees sessions, activates scheduled messages and expires old ones, up to now. */
  tick(nowMs: number): void {
    const { locks } = this.#places
    for (let lock = locks.ended(nowMs); lock; lock = locks.ended(nowMs)) {
      this.#course.giveBack(lock, true, nowMs)
    }
    this.sessionLocks.endLate(nowMs)
    for (let message = this.#places.nextDue(nowMs); message; message = this.#places.nextDue(nowMs)) {
      this.#course.activate(message, nowMs)
    }
    for (let message = this.#places.nextExpired(nowMs); message; message = this.#places.nextExpired(nowMs)) {
      this.#course.expire(message, nowMs)
    }
    this.duplicates.forgetOlder(nowMs, this.properties.duplicateDetectionWindowMs)
    this.pump(nowMs)
  }

  changeProperties(properties: QueueProperties, nowMs: number): void {
    this.properties = properties
    this.pump(nowMs)
  }

  /** Removes up to `count` waiting messages that were enqueued before the given time; returns how many. */
  purge(count: number, enqueuedBeforeMs: number): number {
    const waiting = this.peek(0, Infinity).filter(
      (message) => message.state === 'active' && !message.lock && message.enqueuedAtMs <= enqueuedBeforeMs,
    )
    const doomed = waiting.slice(0, count)
    for (const message of doomed) this.#course.remove(message)
    return doomed.length
  }

  /** Puts messages back that the journal kept, after a start. Nothing is locked. */
  restore(messages: Iterable<StoredMessage>): void {
    const sorted = [...messages].sort((a, b) => a.sequenceNumber - b.sequenceNumber)
    for (const message of sorted) this.#places.place(message)
  }

  // ---- inside

  /** False when nothing waits. */
  #deliverNext(consumer: Consumer, session: Session | null, nowMs: number): boolean {
    const message = this.#nextLiving(session, nowMs)
    if (!message) return false
    if (consumer.mode === 'peek-lock') {
      const lock = this.#places.lockNext(session, this.#lockEnd(session, nowMs))
      consumer.deliver(message, lock ?? null)
    } else {
      this.#course.remove(message)
      consumer.deliver(message, null)
    }
    return true
  }

  #nextLiving(session: Session | null, nowMs: number): StoredMessage | undefined {
    for (let message = this.#places.peekNext(session); message; message = this.#places.peekNext(session)) {
      if (message.expiresAtMs > nowMs) return message
      this.#course.expire(message, nowMs)
    }
    return undefined
  }

  #lockEnd(session: Session | null, nowMs: number): number {
    return session ? session.lockedUntilMs : nowMs + this.properties.lockDurationMs
  }

  #lockLoss(lock: Lock, nowMs: number): Exclude<SettleResult, 'settled'> | undefined {
    if (lock.held && lock.untilMs > nowMs) return undefined
    return this.properties.requiresSession ? 'session-lock-lost' : 'message-lock-lost'
  }
}
