import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import { sendersProperties } from './copy-message'
import type { BrowsedMessage } from './port'

/** A message of the client, as a port's. */
export function describeMessage(received: ServiceBusReceivedMessage): BrowsedMessage {
  const { body } = received
  const { deadLetterReason, deadLetterErrorDescription, enqueuedSequenceNumber } = received
  const hasDeadLetterFacts = deadLetterReason !== undefined || deadLetterErrorDescription !== undefined
  return {
    sequenceNumber: BigInt(String(received.sequenceNumber ?? 0)),
    enqueuedSequenceNumber: enqueuedSequenceNumber === undefined ? null : BigInt(String(enqueuedSequenceNumber)),
    messageId: received.messageId === undefined ? null : String(received.messageId),
    enqueuedAt: received.enqueuedTimeUtc ?? new Date(0),
    deliveryCount: received.deliveryCount ?? 0,
    state: received.state,
    scheduledAt: received.scheduledEnqueueTimeUtc ?? null,
    contentType: received.contentType ?? null,
    sessionId: received.sessionId ?? null,
    correlationId: received.correlationId === undefined ? null : String(received.correlationId),
    body: Buffer.isBuffer(body) ? { kind: 'bytes', bytes: body } : { kind: 'value', value: body },
    applicationProperties: sendersProperties(received.applicationProperties),
    systemProperties: systemProperties(received),
    deadLetter: hasDeadLetterFacts
      ? { reason: deadLetterReason ?? null, description: deadLetterErrorDescription ?? null }
      : null,
    // The client leaves the body there as the section that it came in, which it can not send.
    original: { ...received._rawAmqpMessage, body },
  }
}

function systemProperties(received: ServiceBusReceivedMessage): Record<string, string> {
  const { properties, footer } = received._rawAmqpMessage
  const all: Record<string, unknown> = {
    Subject: received.subject,
    'Correlation id': received.correlationId,
    'Session id': received.sessionId,
    To: received.to,
    'Reply to': received.replyTo,
    'Reply to session id': received.replyToSessionId,
    'Partition key': received.partitionKey,
    'Content encoding': properties?.contentEncoding,
    'Time to live': received.timeToLive === undefined ? undefined : `${received.timeToLive} ms`,
    'Dead-letter source': received.deadLetterSource,
    Footer: footer && Object.keys(footer).length > 0 ? JSON.stringify(footer) : undefined,
  }
  const present = Object.entries(all).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]))
}
