import { ownedAccountIds } from '@/lib/accounts/queries'
import { managedAccountIds } from '@/lib/algorithms/access'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'

/** The algorithms whose flows the actor may see: those of its accounts, and all for administrators. */
export async function visibleFlowAlgorithms(ctx: Context): Promise<Prisma.AlgorithmWhereInput> {
  return isAdmin(ctx) ? {} : { ownerId: { in: await ownedAccountIds(ctx) } }
}

/** The flows that the actor may see. */
export async function visibleFlows(ctx: Context): Promise<Prisma.EventFlowWhereInput> {
  return { algorithm: await visibleFlowAlgorithms(ctx) }
}

/** The same without an administrator's view: `my event flows`. */
export async function ownFlows(ctx: Context): Promise<Prisma.EventFlowWhereInput> {
  return { algorithm: { ownerId: { in: await ownedAccountIds(ctx) } } }
}

/** The flows that the actor may change. Throws `forbidden` for keys and algorithms without the right to manage. */
export async function editableFlows(ctx: Context): Promise<Prisma.EventFlowWhereInput> {
  return { algorithm: { ownerId: { in: await managedAccountIds(ctx) } } }
}

/** What to throw when `editableFlows` does not hold flow `id`: administrators see others' flows but may not change them. */
export async function refuseFlow(ctx: Context, id: string): Promise<AppError> {
  const isThere = isAdmin(ctx) && (await db().eventFlow.findUnique({ where: { id }, select: { id: true } }))
  if (isThere) {
    return new AppError(
      'forbidden',
      'This event flow is of another account. You may look at it, its owner may change it.',
    )
  }
  return notFound('event flow')
}

function isAdmin(ctx: Context): boolean {
  return ctx.actor.kind === 'user' && ctx.actor.isAdmin
}
