/** Whether a queue takes and gives messages. */
export type EntityStatus = 'Active' | 'Disabled' | 'SendDisabled' | 'ReceiveDisabled'

/** A queue's settings; `Infinity` stands for the service's largest duration. */
export type QueueProperties = {
  lockDurationMs: number
  maxDeliveryCount: number
  defaultTimeToLiveMs: number
  deadLetteringOnExpiration: boolean
  requiresSession: boolean
  requiresDuplicateDetection: boolean
  duplicateDetectionWindowMs: number
  maxSizeInMegabytes: number
  status: EntityStatus
  userMetadata: string
  /** Kept for those who read it back; nothing here goes by it. */
  enableBatchedOperations: boolean
}

const MINUTE_MS = 60_000

/** The settings of a new queue: those of the guide's ARM template. */
export const DEFAULT_QUEUE_PROPERTIES: QueueProperties = {
  lockDurationMs: 5 * MINUTE_MS,
  maxDeliveryCount: 10,
  defaultTimeToLiveMs: Infinity,
  deadLetteringOnExpiration: false,
  requiresSession: false,
  requiresDuplicateDetection: false,
  duplicateDetectionWindowMs: 10 * MINUTE_MS,
  maxSizeInMegabytes: 1024,
  status: 'Active',
  userMetadata: '',
  enableBatchedOperations: true,
}

/** A dead-letter queue: nothing expires, nothing is dead-lettered again. */
export function deadLetterProperties(parent: QueueProperties): QueueProperties {
  return {
    ...DEFAULT_QUEUE_PROPERTIES,
    lockDurationMs: parent.lockDurationMs,
    maxDeliveryCount: Infinity,
    maxSizeInMegabytes: Infinity,
    status: receiveStatus(parent.status),
  }
}

export function acceptsSends(status: EntityStatus): boolean {
  return status === 'Active' || status === 'ReceiveDisabled'
}

export function acceptsReceives(status: EntityStatus): boolean {
  return status === 'Active' || status === 'SendDisabled'
}

function receiveStatus(status: EntityStatus): EntityStatus {
  return acceptsReceives(status) ? 'Active' : 'ReceiveDisabled'
}
