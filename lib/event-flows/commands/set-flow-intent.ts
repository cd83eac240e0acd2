import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import type { FlowIntent } from '@/lib/generated/prisma/enums'
import { announceFlow } from '../announce'
import { findNamedFlow } from '../named-flow'
import { FlowIntentChange } from '../schema'

const ACTIONS: Record<FlowIntent, string> = {
  run: 'event-flow.resume',
  paused: 'event-flow.pause',
  drained: 'event-flow.drain',
}

/**
 * Pauses a flow (messages stay on the queue, those in work end), drains it (the same, until nothing is in work and the
 * consumer has let go of the broker), or resumes it. Who did it and when is kept and shown. Asked for what is so already,
 * nothing changes.
 */
export async function setFlowIntent(ctx: Context, input: FlowIntentChange): Promise<void> {
  const { id, intent } = FlowIntentChange.parse(input)
  const flow = await findNamedFlow(ctx, id)
  if (flow.intent === intent) return

  await db().$transaction(async (tx) => {
    const { count } = await tx.eventFlow.updateMany({
      where: flow.scope,
      data: { intent, intentBy: ctx.actor.name, intentAt: new Date() },
    })
    if (count === 0) throw notFound('event flow')
    await recordAudit(tx, ctx, {
      action: ACTIONS[intent],
      targetKind: 'event-flow',
      targetName: flow.label,
      accountId: flow.ownerId,
      details: { namespaceHost: flow.namespaceHost },
    })
  })
  await announceFlow({ id, algorithmId: flow.algorithmId, ownerId: flow.ownerId })
}
