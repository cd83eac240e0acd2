import { changeApplicationProperties } from '../codec/application-properties'
import type { MessageContent } from '../codec/content'
import type { FormerPlace, QueueLog } from './log'
import { type Lock, newMessage, type Settlement, type StoredMessage } from './message'
import type { Places } from './places'
import type { QueueProperties } from './properties'

/** The queue that a message is in, as far as its course needs to know it. */
type OwnQueue = {
  readonly id: number
  readonly name: string
  readonly properties: QueueProperties
  /** Null for a dead-letter queue itself. */
  readonly deadLetters: DeadLetterQueue | null
} & DeadLetterQueue

type DeadLetterQueue = { takeIn(message: StoredMessage, former: FormerPlace, nowMs: number): void }

/**
 * The course of a message through its queue, from admission to its end: what each step changes of it, and where it goes
 * next. Every step is told to the log. Who receives is not known here.
 */
export class MessageCourse {
  constructor(
    private readonly queue: OwnQueue,
    private readonly places: Places,
    private readonly log: QueueLog,
  ) {}

  admit(content: MessageContent, nowMs: number): StoredMessage {
    const isScheduled = content.scheduledAtMs !== undefined && content.scheduledAtMs > nowMs
    const availableAtMs = isScheduled ? (content.scheduledAtMs as number) : nowMs
    const sequenceNumber = this.places.store.lastSequenceNumber + 1
    const expiresAtMs = availableAtMs + Math.min(content.ttlMs ?? Infinity, this.queue.properties.defaultTimeToLiveMs)
    const state = isScheduled ? 'scheduled' : 'active'
    return this.#store(newMessage(content, { sequenceNumber, enqueuedAtMs: nowMs, expiresAtMs, state }))
  }

  /** Stores a message under a new number that was elsewhere before: scheduled, or in the queue of these dead letters. */
  readmit(message: StoredMessage, former: FormerPlace): void {
    const sequenceNumber = this.places.store.lastSequenceNumber + 1
    this.#store({ ...message, sequenceNumber, state: 'active', lock: null }, former)
  }

  #store(message: StoredMessage, former?: FormerPlace): StoredMessage {
    this.log.stored(this.queue.id, message, former)
    this.places.place(message)
    return message
  }

  remove(message: StoredMessage): void {
    this.places.takeOut(message)
    this.log.removed(this.queue.id, message.sequenceNumber)
  }

  mergeProperties(message: StoredMessage, properties: Record<string, unknown> | undefined): void {
    if (!properties || Object.keys(properties).length === 0) return
    const formerBytes = message.sizeBytes
    changeApplicationProperties(message, properties)
    this.places.store.sizeBytes += message.sizeBytes - formerBytes
    this.log.changed(this.queue.id, message)
  }

  /** Ends a lock without settlement: back to where the message was, or to the dead-letter queue. */
  giveBack(lock: Lock, counted: boolean, nowMs: number): void {
    const { message } = lock
    this.places.unlock(lock)
    if (counted) message.deliveryCount++
    const { maxDeliveryCount } = this.queue.properties
    if (counted && message.deliveryCount >= maxDeliveryCount) {
      const description = `Message could not be consumed after ${maxDeliveryCount} delivery attempts.`
      this.deadLetter(message, 'MaxDeliveryCountExceeded', description, nowMs)
      return
    }
    if (counted) this.log.changed(this.queue.id, message)
    if (message.state === 'active' && message.expiresAtMs <= nowMs) this.expire(message, nowMs)
  }

  deadLetter(message: StoredMessage, reason: string | undefined, description: string | undefined, nowMs: number): void {
    const target = this.queue.deadLetters ?? this.queue
    this.places.takeOut(message)
    const dead: StoredMessage = {
      ...message,
      deadLetterSource: message.deadLetterSource ?? this.queue.name,
      expiresAtMs: Infinity,
    }
    changeApplicationProperties(dead, { DeadLetterReason: reason, DeadLetterErrorDescription: description })
    // It keeps the time at which it was first enqueued, as in the service: that tells how old it is.
    target.takeIn(dead, { queueId: this.queue.id, sequenceNumber: message.sequenceNumber }, nowMs)
  }

  expire(message: StoredMessage, nowMs: number): void {
    if (this.queue.properties.deadLetteringOnExpiration && this.queue.deadLetters) {
      this.deadLetter(message, 'TTLExpiredException', 'The message expired and was dead lettered.', nowMs)
    } else this.remove(message)
  }

  /** A due message gets a new sequence number, as in the service: it takes its place among those that arrive now. */
  activate(message: StoredMessage, nowMs: number): void {
    this.places.takeOut(message)
    this.readmit(
      { ...message, enqueuedAtMs: nowMs },
      { queueId: this.queue.id, sequenceNumber: message.sequenceNumber },
    )
  }
}

/** How many bytes a message would have after a settlement. */
export function sizeAfter(message: StoredMessage, settlement: Settlement): number {
  const changes = changesOf(settlement)
  if (Object.keys(changes).length === 0) return message.sizeBytes
  const changed = { ...message }
  changeApplicationProperties(changed, changes)
  return changed.sizeBytes
}

function changesOf(settlement: Settlement): Record<string, unknown> {
  if (settlement.kind === 'complete') return {}
  if (settlement.kind !== 'dead-letter') return settlement.properties ?? {}
  const { reason, description, properties } = settlement
  return { ...properties, DeadLetterReason: reason, DeadLetterErrorDescription: description }
}
