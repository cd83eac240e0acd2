import type { MessageContent } from '../codec/content'
import { parseMessage } from '../codec/parse-message'
import { entityDisabled, notAllowed } from '../links/amqp-error'
import { type Answer, failure } from '../links/request-link'
import { acceptsSends } from '../queue/properties'
import { success } from './answers'
import type { OperationContext } from './dispatch'
import type { RequestBody } from './request-body'
import { longArray } from './wire'

export function scheduleMessages({ queue, nowMs }: OperationContext, body: RequestBody): Answer {
  const { status, requiresSession } = queue.properties
  if (!queue.deadLetters) return failure(400, notAllowed('Messages can not be sent to a dead-letter queue.'))
  if (!acceptsSends(status)) return failure(400, entityDisabled('send', queue.name))
  const contents = body.list('messages').map(readScheduled)
  if (requiresSession && contents.some((content) => content.sessionId === undefined)) {
    return failure(400, notAllowed('A message without a session id cannot be sent to a queue that requires sessions.'))
  }
  const stored = queue.enqueue(contents, nowMs)
  // A duplicate was dropped; it has no number of its own, the service answers with 0 too.
  return success({ 'sequence-numbers': longArray(stored.map((message) => message?.sequenceNumber ?? 0)) })
}

export function cancelScheduled({ queue }: OperationContext, body: RequestBody): Answer {
  if (queue.cancelScheduled(body.numbers('sequence-numbers'))) return success()
  return failure(404, {
    condition: 'com.microsoft:message-not-found',
    description: 'Failed to locate the scheduled message.',
  })
}

function readScheduled(entry: unknown): MessageContent {
  const message = (entry as { message?: unknown } | null)?.message
  if (!Buffer.isBuffer(message)) throw new Error('messages must hold maps with a binary message')
  return parseMessage(message)
}
