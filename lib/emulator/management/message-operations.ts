import { encodeDeferred, encodeMessage } from '../codec/encode-message'
import { MESSAGE_NOT_FOUND } from '../links/amqp-error'
import { type Answer, failure } from '../links/request-link'
import { noContent, success } from './answers'
import type { OperationContext } from './dispatch'
import type { RequestBody } from './request-body'
import { binary, int, uuid } from './wire'

/** One answer stays well below what a client can take in one message. */
const MAX_PEEK_BYTES = 4 * 1024 * 1024

const NO_TOKEN = Buffer.alloc(16)
const NO_BODY = Buffer.alloc(0)

export function peekMessages({ queue }: OperationContext, body: RequestBody): Answer {
  const found = queue.peek(
    body.number('from-sequence-number', 0),
    body.number('message-count', 1),
    body.text('session-id'),
  )
  const messages: { message: unknown }[] = []
  let bytes = 0
  const withBody = !body.flag('omit-message-body')
  for (const message of found) {
    const shown = withBody ? message : { ...message, body: NO_BODY }
    const encoded = encodeMessage(shown, message.lock?.untilMs ?? 0)
    bytes += encoded.length
    if (messages.length > 0 && bytes > MAX_PEEK_BYTES) break
    messages.push({ message: binary(encoded) })
  }
  return messages.length > 0 ? success({ messages }) : noContent('There are no messages from this number on.')
}

export function receiveBySequenceNumber({ queue, nowMs }: OperationContext, body: RequestBody): Answer {
  const mode = body.number('receiver-settle-mode', 1) === 0 ? 'receive-and-delete' : 'peek-lock'
  const taken = queue.takeDeferred(body.numbers('sequence-numbers'), mode, body.text('session-id'), nowMs)
  if (!taken) return failure(404, MESSAGE_NOT_FOUND)
  return success({
    messages: taken.map((message) => ({
      message: binary(encodeDeferred(message)),
      'lock-token': uuid(message.lock?.token ?? NO_TOKEN),
    })),
  })
}

export function batchDelete({ queue, nowMs }: OperationContext, body: RequestBody): Answer {
  const before = body.number('enqueued-time-utc', nowMs)
  return success({ 'message-count': int(queue.purge(body.number('message-count'), before)) })
}
