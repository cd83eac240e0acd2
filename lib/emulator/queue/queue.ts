import { mergeApplicationProperties } from '../codec/application-properties'
import type { MessageContent } from '../codec/content'
import { DuplicateHistory } from './duplicate-history'
import { Lane } from './lane'
import { LockTable } from './lock-table'
import type { QueueLog } from './log'
import type { Consumer, Lock, Settlement, SettleResult, StoredMessage } from './message'
import { MessageStore } from './message-store'
import { acceptsReceives, type QueueProperties } from './properties'
import { type Session, SessionTable } from './session'
import { TimeHeap } from './time-heap'

export type AcceptedSession = { session: Session } | { refused: 'cannot-be-locked' | 'timeout' }

/**
 * The state machine of one queue. No I/O and no timers: every call gets the time, `tick` moves it on, changes go to the
 * log, deliveries to the consumers. Each message is in exactly one place: waiting in a lane, locked, deferred, scheduled
 * or gone.
 */
export class MessageQueue {
  readonly store = new MessageStore()
  readonly locks = new LockTable()
  readonly sessions = new SessionTable()
  readonly duplicates = new DuplicateHistory()
  #lane = new Lane()
  #scheduled = new TimeHeap()
  #expiring = new TimeHeap()
  #consumers: Consumer[] = []
  #turn = 0

  constructor(
    readonly id: number,
    readonly name: string,
    public properties: QueueProperties,
    private readonly log: QueueLog,
    /** Null for a dead-letter queue itself. */
    readonly deadLetters: MessageQueue | null,
  ) {}

  /** Whether time changes anything here. */
  get busy(): boolean {
    return (
      this.locks.size + this.#scheduled.size + this.#expiring.size + this.duplicates.size + this.sessions.size > 0 ||
      this.sessions.waiterCount > 0
    )
  }

  get consumerCount(): number {
    return this.#consumers.length
  }

  // ---- sending

  /** Takes messages in. A duplicate is accepted and dropped: its place in the answer is undefined. */
  enqueue(contents: MessageContent[], nowMs: number): (StoredMessage | undefined)[] {
    const { requiresDuplicateDetection, duplicateDetectionWindowMs } = this.properties
    const stored = contents.map((content) => {
      const isNew =
        !requiresDuplicateDetection || this.duplicates.add(content.messageId, nowMs, duplicateDetectionWindowMs)
      return isNew ? this.#admit(content, nowMs) : undefined
    })
    this.pump(nowMs)
    return stored
  }

  /** Removes scheduled messages; false, and nothing removed, when one of them is not there. */
  cancelScheduled(sequenceNumbers: number[]): boolean {
    const messages = sequenceNumbers.map((sequenceNumber) => this.store.get(sequenceNumber))
    if (!messages.every((message) => message?.state === 'scheduled')) return false
    for (const message of messages) if (message) this.#remove(message)
    return true
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
      for (const session of this.sessions.all()) this.pumpSession(session, nowMs)
      this.#serveWaiters(nowMs)
      return
    }
    let without = 0
    while (without < this.#consumers.length) {
      this.#turn = (this.#turn + 1) % this.#consumers.length
      const consumer = this.#consumers[this.#turn] as Consumer
      if (consumer.credit() <= 0) {
        without++
        continue
      }
      without = 0
      const message = this.#takeNext(this.#lane, nowMs)
      if (!message) return
      this.#deliver(message, consumer, null, nowMs)
    }
  }

  /** Gives a session's messages to its holder, in order. */
  pumpSession(session: Session, nowMs: number): void {
    if (!acceptsReceives(this.properties.status)) return
    const holder = session.holder
    while (holder && holder.credit() > 0) {
      const message = this.#takeNext(session.lane, nowMs)
      if (!message) return
      this.#deliver(message, holder, session, nowMs)
    }
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

  /** Locks deferred messages, or removes them at once; undefined when one is missing, locked or of another session. */
  takeDeferred(
    sequenceNumbers: number[],
    mode: Consumer['mode'],
    sessionId: string | undefined,
    nowMs: number,
  ): StoredMessage[] | undefined {
    const session = sessionId === undefined ? null : (this.heldSession(sessionId, nowMs) ?? null)
    if (this.properties.requiresSession && !session) return undefined
    const messages: StoredMessage[] = []
    for (const sequenceNumber of sequenceNumbers) {
      const message = this.store.get(sequenceNumber)
      if (message?.state !== 'deferred' || message.lock) return undefined
      if (session && message.sessionId !== session.id) return undefined
      messages.push(message)
    }
    for (const message of messages) {
      if (mode === 'receive-and-delete') this.#remove(message)
      else this.locks.acquire(message, session, this.#lockEnd(session, nowMs))
    }
    return messages
  }

  // ---- locks

  /** The lock with this token if it still holds. */
  findLock(token: Buffer, nowMs: number): Lock | undefined {
    const lock = this.locks.find(token)
    return lock && this.#lockLoss(lock, nowMs) === undefined ? lock : undefined
  }

  /** Moves the end of a lock that holds; returns the new end. */
  renew(lock: Lock, nowMs: number): number {
    this.locks.renew(lock, this.#lockEnd(lock.session, nowMs))
    return lock.untilMs
  }

  /** Applies a receiver's decision, if its lock still holds. */
  settle(lock: Lock, settlement: Settlement, nowMs: number): SettleResult {
    const loss = this.#lockLoss(lock, nowMs)
    if (loss) return loss
    const { message } = lock
    switch (settlement.kind) {
      case 'complete':
        this.#remove(message)
        break
      case 'abandon':
        this.#mergeProperties(message, settlement.properties)
        this.#giveBack(lock, settlement.counted, nowMs)
        this.pump(nowMs)
        break
      case 'defer':
        this.#mergeProperties(message, settlement.properties)
        this.locks.release(lock)
        this.store.setState(message, 'deferred')
        this.log.changed(this.id, message)
        break
      case 'dead-letter':
        this.#mergeProperties(message, settlement.properties)
        this.#deadLetter(message, settlement.reason, settlement.description, nowMs)
    }
    return 'settled'
  }

  /** Ends every lock now, as if its time were over. For fault tests. */
  expireAllLocks(nowMs: number): number {
    const locks = this.locks.all().filter((lock) => lock.session === null)
    for (const lock of locks) this.#giveBack(lock, true, nowMs)
    const sessions = [...this.sessions.all()].filter((session) => session.holder !== null)
    for (const session of sessions) this.#loseSession(session, nowMs)
    this.pump(nowMs)
    return locks.length + sessions.length
  }

  // ---- sessions

  /** Takes a session, or waits up to `timeoutMs` for the next free one when `sessionId` is null. */
  acceptSession(
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
      this.#serveWaiters(nowMs)
      return
    }
    const session = this.sessions.findOrCreate(sessionId)
    if (session.holder) {
      done({ refused: 'cannot-be-locked' })
      return
    }
    this.#holdSession(session, consumer, nowMs)
    done({ session })
  }

  /** The receiver leaves: its messages go back, uncounted, and the session is free. */
  releaseSession(session: Session, consumer: Consumer, nowMs: number): void {
    if (session.holder !== consumer) return
    this.#freeSession(session, false, nowMs)
    this.#serveWaiters(nowMs)
  }

  heldSession(sessionId: string, nowMs: number): Session | undefined {
    const session = this.sessions.find(sessionId)
    return session?.holder && session.lockedUntilMs > nowMs ? session : undefined
  }

  renewSession(session: Session, nowMs: number): number {
    session.lockedUntilMs = nowMs + this.properties.lockDurationMs
    for (const lock of session.locks) lock.untilMs = session.lockedUntilMs
    return session.lockedUntilMs
  }

  setSessionState(session: Session, state: Buffer | null): void {
    session.state = state
    this.log.sessionState(this.id, session.id, state)
  }

  // ---- time and settings

  /** Ends locks, frees sessions, activates scheduled messages and expires old ones, up to now. */
  tick(nowMs: number): void {
    this.#expireLocks(nowMs)
    for (const session of this.sessions.all()) {
      if (session.holder && session.lockedUntilMs <= nowMs) this.#loseSession(session, nowMs)
    }
    for (let message = this.#scheduled.popDue(nowMs); message; message = this.#scheduled.popDue(nowMs)) {
      if (!message.removed) this.#activate(message, nowMs)
    }
    for (let message = this.#expiring.popDue(nowMs); message; message = this.#expiring.popDue(nowMs)) {
      if (!message.removed && !message.lock && message.state === 'active') this.#expire(message, nowMs)
    }
    this.duplicates.forgetOlder(nowMs, this.properties.duplicateDetectionWindowMs)
    for (const waiter of this.sessions.takeLateWaiters(nowMs)) waiter.done(null)
    this.pump(nowMs)
  }

  changeProperties(properties: QueueProperties, nowMs: number): void {
    this.properties = properties
    this.locks.reorder()
    this.pump(nowMs)
  }

  /** Removes up to `count` waiting messages that were enqueued before the given time; returns how many. */
  purge(count: number, enqueuedBeforeMs: number): number {
    const doomed = this.peek(0, Infinity).filter(
      (message) => message.state === 'active' && !message.lock && message.enqueuedAtMs <= enqueuedBeforeMs,
    )
    for (const message of doomed.slice(0, count)) this.#remove(message)
    return Math.min(doomed.length, count)
  }

  /** Puts messages back that the journal kept, after a start. Nothing is locked. */
  restore(messages: Iterable<StoredMessage>): void {
    const sorted = [...messages].sort((a, b) => a.sequenceNumber - b.sequenceNumber)
    for (const message of sorted) this.#place(message)
  }

  // ---- inside

  #admit(content: MessageContent, nowMs: number): StoredMessage {
    const isScheduled = content.scheduledAtMs !== undefined && content.scheduledAtMs > nowMs
    const availableAtMs = isScheduled ? (content.scheduledAtMs as number) : nowMs
    const sequenceNumber = this.store.lastSequenceNumber + 1
    const message: StoredMessage = {
      ...content,
      sequenceNumber,
      enqueuedSequenceNumber: sequenceNumber,
      enqueuedAtMs: nowMs,
      expiresAtMs: availableAtMs + Math.min(content.ttlMs ?? Infinity, this.properties.defaultTimeToLiveMs),
      deliveryCount: 0,
      state: isScheduled ? 'scheduled' : 'active',
      lock: null,
      deadLetterSource: undefined,
      removed: false,
    }
    this.log.stored(this.id, message)
    this.#place(message)
    return message
  }

  #place(message: StoredMessage): void {
    this.store.add(message)
    const session = this.#sessionOf(message)
    if (session) session.messageCount++
    if (message.state === 'scheduled') this.#scheduled.push(message.scheduledAtMs ?? 0, message)
    if (message.state !== 'active') return
    if (message.expiresAtMs !== Infinity) this.#expiring.push(message.expiresAtMs, message)
    this.#laneOf(message).push(message)
  }

  #remove(message: StoredMessage): void {
    this.#takeOut(message)
    this.log.removed(this.id, message.sequenceNumber)
  }

  #takeOut(message: StoredMessage): void {
    const waits = message.state === 'active' && !message.lock
    if (message.lock) this.locks.release(message.lock)
    message.removed = true
    this.store.remove(message)
    if (waits) this.#laneOf(message).discard()
    const session = this.#sessionOf(message)
    if (!session) return
    session.messageCount--
    this.sessions.forgetIfIdle(session)
  }

  #sessionOf(message: StoredMessage): Session | null {
    return this.properties.requiresSession ? this.sessions.findOrCreate(message.sessionId ?? '') : null
  }

  #laneOf(message: StoredMessage): Lane {
    return this.#sessionOf(message)?.lane ?? this.#lane
  }

  #takeNext(lane: Lane, nowMs: number): StoredMessage | undefined {
    for (let message = lane.peek(); message; message = lane.peek()) {
      if (message.expiresAtMs > nowMs) return lane.shift()
      this.#expire(message, nowMs)
    }
    return undefined
  }

  #deliver(message: StoredMessage, consumer: Consumer, session: Session | null, nowMs: number): void {
    if (consumer.mode === 'peek-lock') {
      consumer.deliver(message, this.locks.acquire(message, session, this.#lockEnd(session, nowMs)))
      return
    }
    this.#remove(message)
    consumer.deliver(message, null)
  }

  #lockEnd(session: Session | null, nowMs: number): number {
    return session ? session.lockedUntilMs : nowMs + this.properties.lockDurationMs
  }

  #lockLoss(lock: Lock, nowMs: number): Exclude<SettleResult, 'settled'> | undefined {
    if (lock.held && lock.untilMs > nowMs) return undefined
    return this.properties.requiresSession ? 'session-lock-lost' : 'message-lock-lost'
  }

  #mergeProperties(message: StoredMessage, properties: Record<string, unknown> | undefined): void {
    if (!properties || Object.keys(properties).length === 0) return
    message.applicationProperties = mergeApplicationProperties(message.applicationProperties, properties)
    this.log.changed(this.id, message)
  }

  /** Ends a lock without settlement: back to where the message was, or to the dead-letter queue. */
  #giveBack(lock: Lock, counted: boolean, nowMs: number): void {
    const { message } = lock
    this.locks.release(lock)
    // From here on the message is not in a lane yet: `#takeOut` may only be told once it is.
    if (message.state === 'active') this.#laneOf(message).putBack(message)
    if (counted) message.deliveryCount++
    const { maxDeliveryCount } = this.properties
    if (counted && message.deliveryCount >= maxDeliveryCount) {
      const description = `Message could not be consumed after ${maxDeliveryCount} delivery attempts.`
      this.#deadLetter(message, 'MaxDeliveryCountExceeded', description, nowMs)
      return
    }
    if (counted) this.log.changed(this.id, message)
    if (message.state === 'active' && message.expiresAtMs <= nowMs) this.#expire(message, nowMs)
  }

  #deadLetter(
    message: StoredMessage,
    reason: string | undefined,
    description: string | undefined,
    nowMs: number,
  ): void {
    const target = this.deadLetters ?? this
    const former = { queueId: this.id, sequenceNumber: message.sequenceNumber }
    this.#takeOut(message)
    target.#admitDeadLetter(
      {
        ...message,
        applicationProperties: mergeApplicationProperties(message.applicationProperties, {
          DeadLetterReason: reason,
          DeadLetterErrorDescription: description,
        }),
        deadLetterSource: message.deadLetterSource ?? this.name,
        enqueuedSequenceNumber: message.enqueuedSequenceNumber,
      },
      former,
      nowMs,
    )
  }

  #admitDeadLetter(message: StoredMessage, former: { queueId: number; sequenceNumber: number }, nowMs: number): void {
    const sequenceNumber = this.store.lastSequenceNumber + 1
    const dead: StoredMessage = {
      ...message,
      sequenceNumber,
      enqueuedAtMs: nowMs,
      expiresAtMs: Infinity,
      state: 'active',
      lock: null,
      removed: false,
    }
    this.log.stored(this.id, dead, former)
    this.#place(dead)
    this.pump(nowMs)
  }

  #expire(message: StoredMessage, nowMs: number): void {
    if (this.properties.deadLetteringOnExpiration && this.deadLetters) {
      this.#deadLetter(message, 'TTLExpiredException', 'The message expired and was dead lettered.', nowMs)
    } else this.#remove(message)
  }

  /** A due message gets a new sequence number, as in the service: it takes its place among those that arrive now. */
  #activate(message: StoredMessage, nowMs: number): void {
    const former = { queueId: this.id, sequenceNumber: message.sequenceNumber }
    this.#takeOut(message)
    const active: StoredMessage = {
      ...message,
      sequenceNumber: this.store.lastSequenceNumber + 1,
      enqueuedAtMs: nowMs,
      state: 'active',
      lock: null,
      removed: false,
    }
    this.log.stored(this.id, active, former)
    this.#place(active)
  }

  #expireLocks(nowMs: number): void {
    for (let lock = this.locks.first(); lock && lock.untilMs <= nowMs; lock = this.locks.first()) {
      if (lock.session) return
      this.#giveBack(lock, true, nowMs)
    }
  }

  #serveWaiters(nowMs: number): void {
    if (!acceptsReceives(this.properties.status)) return
    while (this.sessions.waiterCount > 0) {
      const session = this.sessions.takeNextFree()
      if (!session) return
      const waiter = this.sessions.shiftWaiter()
      if (!waiter) return
      this.#holdSession(session, waiter.consumer, nowMs)
      waiter.done(session)
    }
  }

  #holdSession(session: Session, consumer: Consumer, nowMs: number): void {
    session.holder = consumer
    session.lockedUntilMs = nowMs + this.properties.lockDurationMs
  }

  #loseSession(session: Session, nowMs: number): void {
    const holder = session.holder
    this.#freeSession(session, true, nowMs)
    holder?.loseSession()
  }

  #freeSession(session: Session, counted: boolean, nowMs: number): void {
    session.holder = null
    session.lockedUntilMs = 0
    for (const lock of [...session.locks]) this.#giveBack(lock, counted, nowMs)
    this.sessions.forgetIfIdle(session)
  }
}
