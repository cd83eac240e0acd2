import { ownedAccountIds } from '@/lib/accounts/queries'
import { accountOf, type Context, dataRightOf } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import { formatDataUri, OWN_ACCOUNT } from './uri'

/** Names the owner in a `where`: an account's name, or `.my` for the actor's own account. */
export function ownedBy(ctx: Context, owner: string): Prisma.AccountWhereInput {
  return owner === OWN_ACCOUNT ? { id: accountOf(ctx) } : { nameKey: owner.toLowerCase() }
}

/**
 * The collections that the actor may read: those of its own accounts, public ones, and, inside an algorithm, those
 * that the algorithm's owner opened to her or his algorithms. Throws `forbidden` for a key without data access; an
 * algorithm that was called with one reads only what is not the caller's own.
 */
export async function readable(ctx: Context): Promise<Prisma.CollectionWhereInput> {
  if (ctx.actor.kind === 'api-key' && ctx.actor.permissions.data === 'none') {
    throw new AppError('forbidden', 'This API key has no access to data. Use a key with data access.')
  }
  const rules: Prisma.CollectionWhereInput[] = [{ readAccess: 'public' }]
  if (dataRightOf(ctx) !== 'none') rules.push({ ownerId: { in: await ownedAccountIds(ctx) } })
  if (ctx.actor.kind === 'algorithm') {
    rules.push({ readAccess: 'my_algorithms', ownerId: ctx.actor.algorithmOwnerId })
  }
  return { OR: rules }
}

/** Throws `forbidden` for an API key that may not write data, and for an algorithm that was called with one. */
export function requireWriteRight(ctx: Context): void {
  if (dataRightOf(ctx) === 'read_write') return
  const subject = ctx.actor.kind === 'algorithm' ? 'The API key that this algorithm was called with' : 'This API key'
  throw new AppError('forbidden', `${subject} may not write data. Use a key with read and write access to data.`)
}

export type WritableCollection = { id: string; name: string; ownerId: string; ownerName: string }

/**
 * The collection, for a change: only the owner may. Throws `not_found` when the actor can not see it either, and
 * `forbidden` when the actor may only read it.
 */
export async function findWritableCollection(
  ctx: Context,
  path: { owner: string; collection: string },
): Promise<WritableCollection> {
  requireWriteRight(ctx)
  const named = { name: path.collection, owner: ownedBy(ctx, path.owner) }
  const found = await db().collection.findFirst({
    where: { ...named, ownerId: { in: await ownedAccountIds(ctx) } },
    select: { id: true, name: true, ownerId: true, owner: { select: { name: true } } },
  })
  if (found) return { id: found.id, name: found.name, ownerId: found.ownerId, ownerName: found.owner.name }
  const visible = await db().collection.count({ where: { AND: [named, await readable(ctx)] } })
  if (visible === 0) throw collectionNotFound(path.owner, path.collection)
  throw new AppError('forbidden', `Only the owner of ${formatDataUri(path.owner, path.collection)} may change it.`)
}

export function collectionNotFound(owner: string, collection?: string): AppError {
  return new AppError('not_found', `${formatDataUri(owner, collection)} is not there, or you may not see it.`)
}

export function fileNotFound(owner: string, collection: string, file: string): AppError {
  return new AppError('not_found', `${formatDataUri(owner, collection, file)} is not there, or you may not see it.`)
}
