import type { MessageOrder } from '@/lib/generated/prisma/enums'
import type { BrokerFault } from './fault'

/**
 * One hand-over of a message, locked for us until it is settled or `lockedUntil` passes. Every method that talks to
 * the broker rejects with a BrokerError; `lock_lost` means that the message is somebody else's by now.
 */
export interface Delivery {
  readonly message: Message
  /** 1 for the first hand-over. */
  readonly attempt: number
  readonly lockedUntil: Date
  complete(): Promise<void>
  /** Gives the message back; the broker counts the attempt and dead-letters after the queue's maximum. */
  abandon(): Promise<void>
  /**
   * Gives the message back as if it had not been handed over: the attempt is not counted. Over a link that is down it
   * is, since only the link itself can say so.
   */
  release(): Promise<void>
  deadLetter(reason: string, description: string): Promise<void>
  /** Renews by lock token (two messages may share one id). Resolves to the new end of the lock. */
  renewLock(): Promise<Date>
}

/** A message as it is on the queue. `sequenceNumber` and `enqueuedAt` together never change and name it. */
export type Message = {
  messageId: string | null
  sequenceNumber: bigint
  enqueuedAt: Date
  contentType: string | null
  sessionId: string | null
  correlationId: string | null
  /** A data section comes as bytes; a value section (other languages' clients) as the value itself. */
  body: MessageBody
  properties: Record<string, MessageProperty>
}

export type MessageBody = { kind: 'bytes'; bytes: Buffer } | { kind: 'value'; value: unknown }

export type MessageProperty = string | number | boolean | Date | null

/** A message seen without taking it. The dead-letter fields are set on a dead-letter queue. */
export type PeekedMessage = Message & {
  /** `active` may be received now, or is locked. */
  state: 'active' | 'deferred' | 'scheduled'
  deliveryCount: number
  deadLetterReason: string | null
  deadLetterDescription: string | null
}

export type OutgoingMessage = {
  body: Buffer
  contentType?: string
  messageId?: string
  sessionId?: string
  correlationId?: string
  properties?: Record<string, string | number | boolean | Date>
}

/** What a subscription reports. None of these may throw. */
export type ReceiverListener = {
  /** A further message may come when this settles; the message itself may stay locked for longer. */
  onDelivery(delivery: Delivery): Promise<void>
  /** Each time the link to the queue stands (again). */
  onConnected(): void
  /** Each failed try, and when the next one is due; the receiver goes on by itself until it is closed. */
  onFault(fault: BrokerFault, nextTryAt: Date): void
  /** A try hangs: this receiver is not going to connect soon. */
  onStuck?(): void
}

export interface Receiver {
  /** Takes no further messages; those in hand can still be renewed and settled. */
  stopIntake(): Promise<void>
  close(): Promise<void>
}

/** One session of a queue, locked for us: nobody else gets its messages meanwhile. */
export interface LockedSession {
  readonly sessionId: string
  readonly lockedUntil: Date
  /** Resolves to the new end of the lock. */
  renewLock(): Promise<Date>
  /** The session's next message, or null when none came in time. Ask again only after it is settled. */
  next(waitMs: number, signal: AbortSignal): Promise<Delivery | null>
  /** Lets go of the lock at once. Never rejects. */
  close(): Promise<void>
}

/** Needs the Manage right; without it there is none. */
export type QueueFacts = {
  activeCount: number
  deadLetterCount: number
  maxDeliveryCount: number
  lockDurationMs: number
}

export type PeekOptions = {
  subQueue?: 'dead-letter'
  fromSequenceNumber?: bigint
  maxCount: number
  signal?: AbortSignal
}

/** What the broker shows on the queue although it is ours, or stands behind what is ours. */
export type InHand = { count: number; includes(message: Message): boolean }

/** One connection to one Service Bus namespace. Close it when done. */
export interface Broker {
  /** Starts to receive, at most `slots` messages at a time that `onDelivery` has not settled for; peek-lock, never settled by itself. */
  receive(queueName: string, slots: number, listener: ReceiverListener): Receiver
  /** Locks the next session that has messages and is free; null when there was none for a few seconds. */
  acceptSession(queueName: string): Promise<LockedSession | null>
  send(queueName: string, message: OutgoingMessage, signal?: AbortSignal): Promise<void>
  peek(queueName: string, options: PeekOptions): Promise<PeekedMessage[]>
  /**
   * Opens a receiving link and closes it again, without taking anything: proves the Listen right, and whether the queue
   * has sessions, as it must for `messageOrder` session and must not for `unordered`.
   */
  checkReceivable(queueName: string, signal: AbortSignal, messageOrder?: MessageOrder): Promise<void>
  /**
   * Whether a message stands on the queue that could be received, other than what we have in hand; by the counts of the
   * queue when the key may read them, else by a peek. Rejects when the broker does not answer in time.
   */
  hasWaiting(queueName: string, inHand: InHand, signal: AbortSignal): Promise<boolean>
  /** Null when the key has no Manage right or the management endpoint does not answer. */
  queueFacts(queueName: string, signal?: AbortSignal): Promise<QueueFacts | null>
  /** Never rejects, and gives up waiting after a few seconds: a broker that is gone can not say goodbye. */
  close(): Promise<void>
}

/** Opens nothing by itself: the first operation connects. Throws `invalid_input` for a malformed string. */
export type ConnectBroker = (connectionString: string, options?: { patience?: BrokerPatience }) => Broker

/** `test`: one try, quick answers. `steady`: retries, for consumers. */
export type BrokerPatience = 'test' | 'steady'
