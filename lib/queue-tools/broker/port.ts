/** A queue itself, or the queue of its dead letters. */
export type QueuePlace = 'queue' | 'dead_letter'

/** A message as it lies in a queue, with all that its sender and the broker say of it. */
export type BrowsedMessage = {
  sequenceNumber: bigint
  /** The number under which the broker first accepted it. */
  enqueuedSequenceNumber: bigint | null
  messageId: string | null
  enqueuedAt: Date
  deliveryCount: number
  state: 'active' | 'deferred' | 'scheduled'
  scheduledAt: Date | null
  contentType: string | null
  sessionId: string | null
  correlationId: string | null
  /** A data section as its bytes; what is a value of another language's client, as that value. */
  body: { kind: 'bytes'; bytes: Buffer } | { kind: 'value'; value: unknown }
  /** The sender's own properties, without those in which the broker says why it is a dead letter. */
  applicationProperties: Record<string, unknown>
  /** What the protocol has names for, as texts for people: subject, correlation id, session id, … */
  systemProperties: Record<string, string>
  deadLetter: { reason: string | null; description: string | null } | null
  /** The whole message, to send it again; only the adapter looks into it. */
  original: unknown
}

/** What is to be different in a copy of a message; what is absent stays. */
export type CopyChanges = {
  messageId?: string
  body?: Buffer
  contentType?: string | null
  applicationProperties?: Record<string, unknown>
}

export type TakenMessage = BrowsedMessage & {
  complete(): Promise<void>
  /** Gives it back to where it was. */
  abandon(): Promise<void>
}

/** Takes messages, oldest first, each locked until it is settled or its lock ends. */
export interface Taker {
  /** Resolves to none when nothing came for `waitMs`. */
  take(maxCount: number, waitMs: number): Promise<TakenMessage[]>
  close(): Promise<void>
}

export type QueueCounts = {
  activeCount: number
  deadLetterCount: number
  scheduledCount: number
  maxDeliveryCount: number
  lockDurationMs: number
}

/**
 * One connection to one queue, for people who look at it and mend it. Methods reject with a BrokerError; close it when
 * done, which never rejects.
 */
export interface QueueTools {
  /** Messages from a number on, without taking them. */
  peek(place: QueuePlace, from: bigint, maxCount: number): Promise<BrowsedMessage[]>
  /** Null when the connection string has no Manage right. */
  counts(): Promise<QueueCounts | null>
  /** Of a queue that requires sessions it takes nothing: its first `take` rejects with `session_queue`. */
  openTaker(place: QueuePlace): Taker
  /** Takes the messages of one session, in their order; null while somebody else has the session. */
  openSessionTaker(sessionId: string): Promise<Taker | null>
  /** Sends a copy to the queue, never to its dead letters, and resolves when the broker has accepted it. */
  sendCopy(message: BrowsedMessage, changes?: CopyChanges): Promise<void>
  close(): Promise<void>
}

export type QueueAddress = { connectionString: string; queueName: string }

export type OpenQueueTools = (address: QueueAddress) => QueueTools
