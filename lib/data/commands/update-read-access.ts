import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { publishLive } from '@/lib/live/bus'
import { collectionNotFound, findWritableCollection } from '../access'
import type { ReadAccessChange } from '../schema'
import { formatDataUri } from '../uri'

/** Sets who may read a collection besides its owner. */
export async function updateReadAccess(ctx: Context, input: ReadAccessChange): Promise<void> {
  const collection = await findWritableCollection(ctx, input)
  await db().$transaction(async (tx) => {
    const { count } = await tx.collection.updateMany({
      where: { id: collection.id, ownerId: collection.ownerId },
      data: { readAccess: input.readAccess },
    })
    if (count === 0) throw collectionNotFound(input.owner, input.collection)
    await recordAudit(tx, ctx, {
      action: 'collection.update',
      targetKind: 'collection',
      targetName: formatDataUri(collection.ownerName, collection.name),
      accountId: collection.ownerId,
      details: { readAccess: input.readAccess },
    })
  })
  publishLive(`collection:${collection.id}`, `account:${collection.ownerId}`)
}
