import type { Context } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { db } from '@/lib/db'
import { peekDeadLetters } from '@/lib/engine/broker/dead-letter'
import type { PeekedMessage } from '@/lib/engine/broker/port'
import { AppError, notFound } from '@/lib/errors'
import { visibleFlows } from './access'

const DEAD_LETTERS_SHOWN = 25
const BODY_PREVIEW_CHARS = 2_000

export type DeadLetter = {
  sequenceNumber: string
  messageId: string | null
  /** ISO 8601: this travels as JSON. */
  enqueuedAt: string
  deliveryCount: number
  reason: string | null
  description: string | null
  contentType: string | null
  bodyPreview: string
  isBodyCut: boolean
}

/** `problem` is a sentence for people when the broker did not show its dead-letter queue. */
export type DeadLetters =
  | { problem: null; messages: DeadLetter[]; hasMore: boolean }
  | { problem: string; messages: []; hasMore: false }

/**
 * Looks into the dead-letter queue of a flow's queue without taking anything, the oldest message first.
 * A broker that does not answer is an answer here, within seconds: the rest of the page does not depend on it.
 */
export async function listDeadLetters(ctx: Context, { flowId }: { flowId: string }): Promise<DeadLetters> {
  const flow = await db().eventFlow.findFirst({
    where: { AND: [await visibleFlows(ctx), { id: flowId }] },
    select: { queueName: true, connectionString: true },
  })
  if (!flow) throw notFound('event flow')
  try {
    const connectionString = decrypt(flow.connectionString)
    const maxCount = DEAD_LETTERS_SHOWN + 1
    const peeked = await peekDeadLetters({ connectionString, queueName: flow.queueName, maxCount })
    return {
      problem: null,
      messages: peeked.slice(0, DEAD_LETTERS_SHOWN).map(describe),
      hasMore: peeked.length > DEAD_LETTERS_SHOWN,
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { problem: error.message, messages: [], hasMore: false }
  }
}

function describe(message: PeekedMessage): DeadLetter {
  const text = textOf(message.body)
  return {
    sequenceNumber: String(message.sequenceNumber),
    messageId: message.messageId,
    enqueuedAt: message.enqueuedAt.toISOString(),
    deliveryCount: message.deliveryCount,
    reason: message.deadLetterReason,
    description: message.deadLetterDescription,
    contentType: message.contentType,
    bodyPreview: text.slice(0, BODY_PREVIEW_CHARS),
    isBodyCut: text.length > BODY_PREVIEW_CHARS,
  }
}

function textOf(body: PeekedMessage['body']): string {
  if (body.kind === 'bytes') return body.bytes.toString('utf8')
  return typeof body.value === 'string' ? body.value : JSON.stringify(body.value)
}
