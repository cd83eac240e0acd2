import { randomUUID } from 'node:crypto'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { findToolFlow } from '../access'
import type { BrowsedMessage, CopyChanges } from '../broker/port'
import { plainValue } from '../browse-messages'
import { collectTargets } from '../jobs/collect-targets'
import { takeWanted } from '../jobs/take-wanted'
import { ResubmitEdited } from '../schema'
import { withQueue } from '../with-queue'

/** `isRemoved` is false when the copy is on the queue but its dead letter could not be removed. */
export type ResubmitOutcome = { messageId: string | null; isRemoved: boolean }

/**
 * Sends one dead letter to its queue again, with another body, content type or properties: locked, sent, confirmed,
 * then completed. What is not changed is kept, the broker's own notes apart. Throws `not_found` when it is gone or
 * somebody else has it in hand.
 */
export async function resubmitEdited(ctx: Context, input: ResubmitEdited): Promise<ResubmitOutcome> {
  const { flowId, sequenceNumber, keepMessageId, ...edited } = ResubmitEdited.parse(input)
  const flow = await findToolFlow(ctx, flowId)
  const outcome = await withQueue(flow.address, async (tools): Promise<ResubmitOutcome | null> => {
    const targets = await collectTargets(tools, 'dead_letter', {
      sequenceNumbers: [sequenceNumber],
      upTo: sequenceNumber,
    })
    for await (const [message] of takeWanted(tools, 'dead_letter', targets)) {
      if (!message) continue
      const messageId = keepMessageId ? message.messageId : randomUUID()
      const changes = changesOf(message, edited)
      try {
        await tools.sendCopy(message, { ...changes, ...(!keepMessageId && messageId ? { messageId } : {}) })
      } catch (error) {
        await message.abandon().catch(() => {})
        throw error
      }
      const isRemoved = await message.complete().then(
        () => true,
        () => false,
      )
      return { messageId, isRemoved }
    }
    return null
  })
  if (!outcome) throw notFound('dead letter', sequenceNumber)
  await db().$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: 'queue.resubmit-edited',
      targetKind: 'event-flow',
      targetName: flow.address.queueName,
      accountId: flow.ownerId,
      details: { namespaceHost: flow.namespaceHost, sequenceNumber, keepMessageId, ...outcome },
    }),
  )
  return outcome
}

type Edited = Omit<ReturnType<typeof ResubmitEdited.parse>, 'flowId' | 'sequenceNumber' | 'keepMessageId'>

function changesOf(message: BrowsedMessage, edited: Edited): CopyChanges {
  const { contentType, applicationProperties } = edited
  const body = bodyOf(message, edited)
  return {
    ...(contentType !== undefined && { contentType: contentType || null }),
    ...(applicationProperties !== undefined && {
      applicationProperties: propertiesOf(message, JSON.parse(applicationProperties)),
    }),
    ...(body && { body }),
  }
}

/** A property whose text is what was shown keeps the value that was sent: a date stays a date. */
function propertiesOf(message: BrowsedMessage, typed: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(typed).map(([name, value]) => {
      const original = message.applicationProperties[name]
      return [name, original !== undefined && plainValue(original) === value ? original : value]
    }),
  )
}

/** Undefined when it is what the message has. */
function bodyOf({ body: original }: BrowsedMessage, { body, bodyEncoding }: Edited): Buffer | undefined {
  if (body === undefined || (original.kind === 'value' && original.value === body)) return undefined
  const bytes = Buffer.from(body, bodyEncoding === 'base64' ? 'base64' : 'utf8')
  return original.kind === 'bytes' && original.bytes.equals(bytes) ? undefined : bytes
}
