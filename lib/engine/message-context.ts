import type { CallContext } from '@/lib/runtime/port'
import type { Delivery, Message, MessageProperty } from './broker/port'

/** What an algorithm that asks for its context learns of the message (docs/event-flows.md). */
export function callContext({ message, attempt }: Pick<Delivery, 'message' | 'attempt'>): CallContext {
  return {
    message: {
      message_id: message.messageId,
      session_id: message.sessionId,
      correlation_id: message.correlationId,
      content_type: message.contentType,
      sequence_number: String(message.sequenceNumber),
      enqueued_at: message.enqueuedAt.toISOString(),
      delivery_count: attempt,
      properties: jsonProperties(message.properties),
    },
  }
}

/** Application properties as JSON can hold them: times as ISO 8601 text, bytes as base64. */
export function jsonProperties(properties: Message['properties']): Record<string, string | number | boolean | null> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, jsonValue(value)]))
}

function jsonValue(value: MessageProperty | Uint8Array | undefined): string | number | boolean | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString()
  // Other languages' clients send types that have no name here.
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  return typeof value === 'object' ? JSON.stringify(value) : value
}
