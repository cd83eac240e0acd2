import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { editableFlows, refuseFlow } from '../access'
import { announceFlow } from '../announce'
import { EventFlowRef } from '../schema'

/** Disconnects a queue: its messages stay on the queue, the executions of the past stay in the ledger. */
export async function deleteEventFlow(ctx: Context, input: EventFlowRef): Promise<void> {
  const where = await editableFlows(ctx)
  const { id } = EventFlowRef.parse(input)
  const flow = await db().eventFlow.findFirst({
    where: { ...where, id },
    select: {
      ownerId: true,
      algorithmId: true,
      queueName: true,
      namespaceHost: true,
      algorithm: { select: { name: true, owner: { select: { name: true } } } },
    },
  })
  if (!flow) throw await refuseFlow(ctx, id)

  await db().$transaction(async (tx) => {
    const { count } = await tx.eventFlow.deleteMany({ where: { ...where, id } })
    if (count === 0) throw notFound('event flow')
    await recordAudit(tx, ctx, {
      action: 'event-flow.delete',
      targetKind: 'event-flow',
      targetName: `${flow.queueName} → ${flow.algorithm.owner.name}/${flow.algorithm.name}`,
      accountId: flow.ownerId,
      details: { namespaceHost: flow.namespaceHost },
    })
  })
  await announceFlow({ id, algorithmId: flow.algorithmId, ownerId: flow.ownerId })
}
