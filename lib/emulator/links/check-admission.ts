import type { MessageContent } from '../codec/content'
import type { Settlement, StoredMessage } from '../queue/message'
import { sizeAfter } from '../queue/message-course'
import { acceptsSends } from '../queue/properties'
import type { MessageQueue } from '../queue/queue'
import { type AmqpError, entityDisabled, notAllowed } from './amqp-error'

const BYTES_PER_MEGABYTE = 1024 * 1024

/** Reason and description have 4,096 characters each in the service; a message of the largest size has room for them too. */
const DEAD_LETTER_ROOM_BYTES = 32 * 1024

/** Why what a client sends at once is too large, for the link or for the queue as it is. */
export function refuseSize(sizeBytes: number, queue: MessageQueue, maxMessageBytes: number): AmqpError | undefined {
  if (sizeBytes > maxMessageBytes) {
    return {
      condition: 'amqp:link:message-size-exceeded',
      description: `The received message (size:${sizeBytes} bytes) exceeds the limit (${maxMessageBytes} bytes) currently allowed on the link.`,
    }
  }
  return refuseTotal(sizeBytes, queue)
}

/** Why a queue has no room for this many bytes more. */
export function refuseTotal(sizeBytes: number, { store, properties, name }: MessageQueue): AmqpError | undefined {
  if (store.sizeBytes + sizeBytes <= properties.maxSizeInMegabytes * BYTES_PER_MEGABYTE) return undefined
  return {
    condition: 'amqp:resource-limit-exceeded',
    description: `The maximum entity size has been reached or exceeded for Queue: '${name}'.`,
  }
}

/** Why a message may not be settled so: with its changed properties it would be too large. */
export function refuseGrowth(
  message: StoredMessage,
  settlement: Settlement,
  maxMessageBytes: number,
): AmqpError | undefined {
  const sizeBytes = sizeAfter(message, settlement)
  const maxBytes = maxMessageBytes + (settlement.kind === 'dead-letter' ? DEAD_LETTER_ROOM_BYTES : 0)
  if (sizeBytes <= maxBytes || sizeBytes <= message.sizeBytes) return undefined
  return {
    condition: 'amqp:link:message-size-exceeded',
    description: `The message would have ${sizeBytes} bytes with these properties; ${maxBytes} bytes are allowed. It stays locked.`,
  }
}

/** Why a queue does not take these messages. */
export function refuseContents(contents: MessageContent[], { properties, name }: MessageQueue): AmqpError | undefined {
  if (!acceptsSends(properties.status)) return entityDisabled('send', name)
  if (properties.requiresSession && contents.some((content) => content.sessionId === undefined)) {
    return notAllowed(
      'The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.',
    )
  }
  return undefined
}
