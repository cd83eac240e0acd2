import { ownedAccountIds } from '@/lib/accounts/queries'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { ownedBy, requireWriteRight } from '../access'
import { NewCollection } from '../schema'
import { checkCollectionName, formatDataUri } from '../uri'

/**
 * Makes an empty collection in an account that the actor may act for. Throws `conflict` when there is one of this
 * name, and `not_found` for another's account.
 */
export async function createCollection(ctx: Context, input: NewCollection) {
  requireWriteRight(ctx)
  checkCollectionName(input.name.trim())
  const { owner, name, readAccess } = NewCollection.parse(input)
  const account = await db().account.findFirst({
    where: { AND: [ownedBy(ctx, owner), { id: { in: await ownedAccountIds(ctx) } }] },
    select: { id: true, name: true },
  })
  if (!account) throw new AppError('not_found', `You have no account ${owner} to make a collection in.`)
  const uri = formatDataUri(account.name, name)
  const id = await db().$transaction(async (tx) => {
    const [created] = await tx.collection.createManyAndReturn({
      data: [{ ownerId: account.id, name, readAccess }],
      skipDuplicates: true,
      select: { id: true },
    })
    if (!created) throw taken(uri)
    await recordAudit(tx, ctx, {
      action: 'collection.create',
      targetKind: 'collection',
      targetName: uri,
      accountId: account.id,
      details: { readAccess },
    })
    return created.id
  })
  publishLive(`account:${account.id}`)
  return { id, ownerName: account.name, name, uri }
}

function taken(uri: string): AppError {
  const message = `${uri} exists already. Choose another name.`
  return new AppError('conflict', message, { fields: { name: message } })
}
