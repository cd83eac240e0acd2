import type { MessageContent } from '../codec/content'
import type { Session } from './session'

/** Active: to be received. Deferred: received by sequence number only. Scheduled: not yet due. */
export type MessageState = 'active' | 'deferred' | 'scheduled'

/** A message as a queue keeps it. */
export type StoredMessage = MessageContent & {
  sequenceNumber: number
  /** The number under which it was first accepted: survives scheduling and dead-lettering. */
  enqueuedSequenceNumber: number
  enqueuedAtMs: number
  /** Infinity: never. */
  expiresAtMs: number
  /** Deliveries that ended without settlement. */
  deliveryCount: number
  state: MessageState
  lock: Lock | null
  deadLetterSource: string | undefined
}

type Admission = Pick<StoredMessage, 'sequenceNumber' | 'enqueuedAtMs' | 'expiresAtMs' | 'state'>

/** A message that comes in new. Field by field: a spread of this many takes longer than all else that a send needs. */
export function newMessage(content: MessageContent, admission: Admission): StoredMessage {
  return {
    annotations: content.annotations,
    annotationCount: content.annotationCount,
    properties: content.properties,
    applicationProperties: content.applicationProperties,
    body: content.body,
    durable: content.durable,
    priority: content.priority,
    ttlMs: content.ttlMs,
    messageId: content.messageId,
    sessionId: content.sessionId,
    scheduledAtMs: content.scheduledAtMs,
    sizeBytes: content.sizeBytes,
    sequenceNumber: admission.sequenceNumber,
    enqueuedSequenceNumber: admission.sequenceNumber,
    enqueuedAtMs: admission.enqueuedAtMs,
    expiresAtMs: admission.expiresAtMs,
    deliveryCount: 0,
    state: admission.state,
    lock: null,
    deadLetterSource: undefined,
  }
}

/** A delivery that waits for its settlement. */
export type Lock = {
  token: Buffer
  message: StoredMessage
  /** The session whose lock covers this one, when the queue has sessions. */
  session: Session | null
  untilMs: number
  /** False once settled, expired or taken back. */
  held: boolean
  /** Told to the link of the delivery, once. */
  onEnded: (() => void) | undefined
}

/** A receiving link, as the queue sees it. */
export type Consumer = {
  mode: 'peek-lock' | 'receive-and-delete'
  /** How many messages it can take now. */
  credit(): number
  /** `lock` is null in receive-and-delete. */
  deliver(message: StoredMessage, lock: Lock | null): void
  /** The session was lost; nothing more will be delivered. */
  loseSession(): void
}

/** What a receiver decides about a delivery. */
export type Settlement =
  | { kind: 'complete' }
  | { kind: 'abandon'; properties?: Record<string, unknown> | undefined; counted: boolean }
  | { kind: 'defer'; properties?: Record<string, unknown> | undefined }
  | {
      kind: 'dead-letter'
      reason: string | undefined
      description: string | undefined
      properties?: Record<string, unknown> | undefined
    }

export type SettleResult = 'settled' | 'message-lock-lost' | 'session-lock-lost'
