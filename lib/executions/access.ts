import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { visibleFlows } from '@/lib/event-flows/access'
import type { Prisma } from '@/lib/generated/prisma/client'

/** What the actor may see: what it called itself, and what flows of its algorithms ran. All for administrators. */
export async function visibleExecutions(ctx: Context): Promise<Prisma.ExecutionWhereInput> {
  if (ctx.actor.kind === 'user' && ctx.actor.isAdmin) return {}
  return { OR: [{ callerId: { in: await ownedAccountIds(ctx) } }, { flow: await visibleFlows(ctx) }] }
}
