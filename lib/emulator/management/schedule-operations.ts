import type { MessageContent } from '../codec/content'
import { parseMessage } from '../codec/parse-message'
import { type AmqpError, MESSAGE_NOT_FOUND, notAllowed } from '../links/amqp-error'
import { refuseContents, refuseSize, refuseTotal } from '../links/check-admission'
import { type Answer, failure } from '../links/request-link'
import { success } from './answers'
import type { OperationContext } from './dispatch'
import type { RequestBody } from './request-body'
import { longArray } from './wire'

export function scheduleMessages(context: OperationContext, body: RequestBody): Answer {
  const { queue, nowMs } = context
  if (!queue.deadLetters) return failure(400, notAllowed('Messages can not be sent to a dead-letter queue.'))
  const contents = body.list('messages').map(readScheduled)
  const tooLarge = refuseSizes(contents, context)
  if (tooLarge) return failure(403, tooLarge)
  const refused = refuseContents(contents, queue)
  if (refused) return failure(400, refused)
  const stored = queue.enqueue(contents, nowMs)
  // A duplicate was dropped; it has no number of its own, the service answers with 0 too.
  return success({ 'sequence-numbers': longArray(stored.map((message) => message?.sequenceNumber ?? 0)) })
}

function refuseSizes(contents: MessageContent[], { queue, limits }: OperationContext): AmqpError | undefined {
  const largest = contents.reduce((bytes, content) => Math.max(bytes, content.sizeBytes), 0)
  const total = contents.reduce((bytes, content) => bytes + content.sizeBytes, 0)
  return refuseSize(largest, queue, limits.maxMessageBytes) ?? refuseTotal(total, queue)
}

export function cancelScheduled({ queue }: OperationContext, body: RequestBody): Answer {
  if (queue.cancelScheduled(body.numbers('sequence-numbers'))) return success()
  return failure(404, { ...MESSAGE_NOT_FOUND, description: 'Failed to locate the scheduled message.' })
}

function readScheduled(entry: unknown): MessageContent {
  const message = (entry as { message?: unknown } | null)?.message
  if (!Buffer.isBuffer(message)) throw new Error('messages must hold maps with a binary message')
  return parseMessage(message)
}
