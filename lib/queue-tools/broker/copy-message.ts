import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import type { CopyChanges } from './port'

/** The client's message with all that the protocol carries. */
export type AmqpMessage = ServiceBusReceivedMessage['_rawAmqpMessage']

/** What the broker adds to a message that it puts aside. */
export const DEAD_LETTER_PROPERTIES = ['DeadLetterReason', 'DeadLetterErrorDescription']

/**
 * A message as its sender sent it, ready to be sent again: everything of the sender's is kept, all that the broker has
 * added (its annotations, why it is a dead letter, when it would have expired) is left out.
 */
export function copyMessage(original: AmqpMessage, changes: CopyChanges = {}): AmqpMessage {
  const { creationTime: _, absoluteExpiryTime: __, ...properties } = original.properties ?? {}
  const { contentType } = changes
  return {
    body: changes.body ?? original.body,
    bodyType: changes.body ? 'data' : original.bodyType,
    applicationProperties: changes.applicationProperties ?? sendersProperties(original.applicationProperties),
    messageAnnotations: sendersAnnotations(original.messageAnnotations),
    ...(original.footer && { footer: original.footer }),
    header: headerOf(original),
    properties: {
      ...properties,
      ...(changes.messageId !== undefined && { messageId: changes.messageId }),
      ...(contentType !== undefined && { contentType: contentType ?? undefined }),
    },
  }
}

export function sendersProperties(properties: Record<string, unknown> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => !DEAD_LETTER_PROPERTIES.includes(name)))
}

/** Those by which the broker places a message are the sender's; the others with the broker's prefix are not. */
function sendersAnnotations(annotations: Record<string, unknown> | undefined): Record<string, unknown> {
  const kept = ['x-opt-partition-key', 'x-opt-via-partition-key']
  return Object.fromEntries(
    Object.entries(annotations ?? {}).filter(([name]) => kept.includes(name) || !name.startsWith('x-opt-')),
  )
}

function headerOf({ header }: AmqpMessage): AmqpMessage['header'] {
  const { durable, priority, timeToLive } = header ?? {}
  return {
    ...(durable !== undefined && { durable }),
    ...(priority !== undefined && { priority }),
    ...(timeToLive !== undefined && { timeToLive }),
  }
}
