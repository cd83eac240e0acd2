import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { announceFlow } from '../announce'
import { findNamedFlow } from '../named-flow'
import { EventFlowRef } from '../schema'

/** Disconnects a queue: its messages stay on the queue, the executions of the past stay in the ledger. */
export async function deleteEventFlow(ctx: Context, input: EventFlowRef): Promise<void> {
  const { id } = EventFlowRef.parse(input)
  const flow = await findNamedFlow(ctx, id)
  await db().$transaction(async (tx) => {
    const { count } = await tx.eventFlow.deleteMany({ where: flow.scope })
    if (count === 0) throw notFound('event flow')
    await recordAudit(tx, ctx, {
      action: 'event-flow.delete',
      targetKind: 'event-flow',
      targetName: flow.label,
      accountId: flow.ownerId,
      details: { namespaceHost: flow.namespaceHost },
    })
  })
  await announceFlow({ id, algorithmId: flow.algorithmId, ownerId: flow.ownerId })
}
