/**
 * What a sender gave us, as slices of one buffer. Nothing is decoded that the broker does not need, so the types of
 * application properties (long, uuid, timestamp) survive store-and-forward unchanged.
 */
export type MessageContent = {
  /** The entries of the message-annotations map, without those that the broker writes itself. */
  annotations: Buffer
  /** AMQP map count: keys plus values. */
  annotationCount: number
  /** Whole sections with their descriptors. */
  properties: Buffer | null
  applicationProperties: Buffer | null
  /** Body and footer sections. */
  body: Buffer
  durable: boolean
  priority: number
  ttlMs: number | undefined
  messageId: string
  sessionId: string | undefined
  scheduledAtMs: number | undefined
  sizeBytes: number
}
