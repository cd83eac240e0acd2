import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'

/** What a caller may learn of a run beside its result. */
export type Inside = { streams: boolean; stackTrace: boolean }

/**
 * What an algorithm prints, and where in its source it failed, is its owner's business: secrets of the owner's are in
 * its environment. Administrators see all; a stack trace of open source is open too.
 */
export async function visibleInside(ctx: Context, algorithm: { id: string; ownerId: string }): Promise<Inside> {
  const isAdmin = ctx.actor.kind === 'user' && ctx.actor.isAdmin
  if (isAdmin || (await ownedAccountIds(ctx)).includes(algorithm.ownerId)) return { streams: true, stackTrace: true }
  const found = await db().algorithm.findUnique({ where: { id: algorithm.id }, select: { sourceVisibility: true } })
  return { streams: false, stackTrace: found?.sourceVisibility === 'open' }
}
