import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { editableFlows, refuseFlow } from './access'

/**
 * A flow that the actor may change, with what the audit log names it by; `scope` holds for the write that follows.
 * Throws `not_found`, or `forbidden` for an administrator's look at another's.
 */
export async function findNamedFlow(ctx: Context, id: string) {
  const scope = { ...(await editableFlows(ctx)), id }
  const flow = await db().eventFlow.findFirst({
    where: scope,
    select: {
      ownerId: true,
      algorithmId: true,
      queueName: true,
      namespaceHost: true,
      intent: true,
      algorithm: { select: { name: true, owner: { select: { name: true } } } },
    },
  })
  if (!flow) throw await refuseFlow(ctx, id)
  const { algorithm, ...rest } = flow
  return { ...rest, scope, label: `${flow.queueName} → ${algorithm.owner.name}/${algorithm.name}` }
}
