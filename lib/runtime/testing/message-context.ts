import type { CallContext } from '../port'

/** What a call that a message caused brings along. */
export const CONTEXT: CallContext = {
  message: {
    message_id: 'order-7',
    session_id: 'customer "1"',
    correlation_id: null,
    content_type: 'application/json',
    sequence_number: '9007199254740993',
    enqueued_at: '2026-11-22T12:00:00.000Z',
    delivery_count: 2,
    properties: { priority: 3, isUrgent: true, note: 'a\nb' },
  },
}
