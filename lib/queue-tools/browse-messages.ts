import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { decodeBody } from '@/lib/engine/body'
import { AppError, notFound } from '@/lib/errors'
import { findToolFlow, type ToolFlow } from './access'
import type { BrowsedMessage, QueueTools } from './broker/port'
import { matchesFilter } from './match-message'
import { BrowseMessages, MessageRef } from './schema'
import { withQueue } from './with-queue'

/** How many messages one answer looks through for those that match. */
const SCANNED_AT_MOST = 1_000
const SNIPPET_CHARS = 160
/** How much of a body a page gets at once. */
const SHOWN_BODY_BYTES = 1024 * 1024

/** A row of the browser; plain values, since it travels as JSON. */
export type MessageRow = {
  sequenceNumber: string
  messageId: string | null
  /** ISO 8601. For a dead letter the time at which its sender's message was enqueued. */
  enqueuedAt: string
  deliveryCount: number
  state: BrowsedMessage['state']
  contentType: string | null
  bytes: number
  snippet: string
  reason: string | null
  description: string | null
}

export type MessagePage = {
  messages: MessageRow[]
  /** Where the next page begins; null when the last message was seen. */
  next: string | null
  /** How many were looked through for these. */
  scanned: number
}

/** All of one message. `body` is text, or base64 when `type` is `binary`. */
export type MessageDetail = MessageRow & {
  systemProperties: Record<string, string>
  applicationProperties: Record<string, unknown>
  scheduledAt: string | null
  body: { type: 'json' | 'text' | 'binary'; content: string; isCut: boolean }
  /** Executions of the same message, the first one first. */
  executions: { id: string; status: string; source: string; deliveryCount: number | null }[]
}

/**
 * A page of a queue's or a dead-letter queue's messages, without taking them. Only for who may manage the flow; each
 * look is in the audit log. Throws `unavailable` or `invalid_input` with a sentence when the broker does not show them.
 */
export async function browseMessages(ctx: Context, input: BrowseMessages): Promise<MessagePage> {
  const { flowId, place, from, count, ...filter } = BrowseMessages.parse(input)
  const flow = await findToolFlow(ctx, flowId)
  await auditPeek(ctx, flow, { place, from: from ?? '0', ...filter })
  return withQueue(flow.address, async (tools) => {
    const found: BrowsedMessage[] = []
    let next = BigInt(from ?? 0)
    let scanned = 0
    while (found.length < count && scanned < SCANNED_AT_MOST) {
      const wanted = filter.text || filter.reason ? 250 : count - found.length
      const peeked = await tools.peek(place, next, wanted)
      const last = peeked.at(-1)
      if (!last) return { messages: found.map(rowOf), next: null, scanned }
      const fitting = peeked.filter((message) => matchesFilter(message, filter))
      const taken = fitting.slice(0, count - found.length)
      found.push(...taken)
      const isFull = taken.length < fitting.length
      const lastSeen = isFull ? (taken.at(-1) ?? last) : last
      next = lastSeen.sequenceNumber + 1n
      scanned += isFull ? peeked.indexOf(lastSeen) + 1 : peeked.length
    }
    const hasMore = (await tools.peek(place, next, 1)).length > 0
    return { messages: found.map(rowOf), next: hasMore ? String(next) : null, scanned }
  })
}

/** One message with its properties and body. Throws `not_found` when it is not there any more. */
export async function getMessage(ctx: Context, input: MessageRef): Promise<MessageDetail> {
  const { flowId, place, sequenceNumber } = MessageRef.parse(input)
  const flow = await findToolFlow(ctx, flowId)
  await auditPeek(ctx, flow, { place, sequenceNumber })
  const message = await withQueue(flow.address, (tools) => peekOne(tools, { place, sequenceNumber }))
  const { systemProperties, scheduledAt } = message
  return {
    ...rowOf(message),
    systemProperties,
    applicationProperties: plainProperties(message.applicationProperties),
    scheduledAt: scheduledAt?.toISOString() ?? null,
    body: bodyOf(message),
    executions: await executionsOf(flow.id, message),
  }
}

/** Throws `not_found` when another message, or none, is there. */
export async function peekOne(
  tools: QueueTools,
  { place, sequenceNumber }: Pick<MessageRef, 'place' | 'sequenceNumber'>,
): Promise<BrowsedMessage> {
  const [message] = await tools.peek(place, BigInt(sequenceNumber), 1)
  if (String(message?.sequenceNumber) === sequenceNumber && message) return message
  throw new AppError(
    'not_found',
    `${notFound('message', sequenceNumber).message} It was received, moved or removed meanwhile.`,
  )
}

/** Property values as JSON has them: dates as text, bytes as base64. */
export function plainProperties(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, plainValue(value)]))
}

export function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (typeof value === 'bigint') return String(value)
  return value === undefined ? null : value
}

function rowOf(message: BrowsedMessage): MessageRow {
  const { payload } = decodeBody(message)
  const isText = payload.type !== 'binary'
  return {
    sequenceNumber: String(message.sequenceNumber),
    messageId: message.messageId,
    enqueuedAt: message.enqueuedAt.toISOString(),
    deliveryCount: message.deliveryCount,
    state: message.state,
    contentType: message.contentType,
    bytes: payload.bytes.length,
    snippet: isText
      ? payload.bytes
          .subarray(0, SNIPPET_CHARS * 4)
          .toString('utf8')
          .slice(0, SNIPPET_CHARS)
      : '',
    reason: message.deadLetter?.reason ?? null,
    description: message.deadLetter?.description ?? null,
  }
}

function bodyOf(message: BrowsedMessage): MessageDetail['body'] {
  const { payload } = decodeBody(message)
  const shown = payload.bytes.subarray(0, SHOWN_BODY_BYTES)
  const content = payload.type === 'binary' ? shown.toString('base64') : shown.toString('utf8')
  return { type: payload.type, content, isCut: shown.length < payload.bytes.length }
}

/** A broker may number a dead letter anew, but keeps when it was enqueued and its first number. */
async function executionsOf(flowId: string, message: BrowsedMessage): Promise<MessageDetail['executions']> {
  const numbers = [message.sequenceNumber, message.enqueuedSequenceNumber].filter((one) => one !== null)
  return db().execution.findMany({
    where: { flowId, sequenceNumber: { in: numbers }, enqueuedAt: message.enqueuedAt },
    orderBy: [{ startedAt: 'asc' }, { id: 'asc' }],
    take: 50,
    select: { id: true, status: true, source: true, deliveryCount: true },
  })
}

async function auditPeek(ctx: Context, flow: ToolFlow, details: Record<string, string | undefined>): Promise<void> {
  const given = Object.fromEntries(Object.entries(details).filter(([, value]) => value))
  await db().$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: 'queue.peek',
      targetKind: 'event-flow',
      targetName: flow.address.queueName,
      accountId: flow.ownerId,
      details: { namespaceHost: flow.namespaceHost, ...given },
    }),
  )
}
