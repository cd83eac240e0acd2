import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { collectionNotFound, findWritableCollection } from '../access'
import { storageKeysOf } from '../contents'
import { deleteObjects } from '../objects'
import type { CollectionDeletion } from '../schema'
import { formatDataUri } from '../uri'

/** A collection of a million files is read and deleted in one transaction. */
const TRANSACTION_TIMEOUT_MS = 120_000

/**
 * Deletes a collection; one that holds files only with `force`, else throws `conflict`.
 * The rows go first: what a crash leaves are objects that no row names, which the sweeper removes.
 */
export async function deleteCollection(ctx: Context, input: CollectionDeletion): Promise<{ deletedFiles: number }> {
  const collection = await findWritableCollection(ctx, input)
  const uri = formatDataUri(collection.ownerName, collection.name)
  const files = await db().$transaction(
    async (tx) => {
      const files = await tx.dataFile.findMany({
        where: { collectionId: collection.id },
        select: { storageKey: true },
      })
      if (files.length > 0 && !input.force) throw notEmpty(uri, files.length)
      const { count } = await tx.collection.deleteMany({ where: { id: collection.id, ownerId: collection.ownerId } })
      if (count === 0) throw collectionNotFound(input.owner, input.collection)
      await recordAudit(tx, ctx, {
        action: 'collection.delete',
        targetKind: 'collection',
        targetName: uri,
        accountId: collection.ownerId,
        details: { files: files.length },
      })
      return files
    },
    { timeout: TRANSACTION_TIMEOUT_MS },
  )
  publishLive(`collection:${collection.id}`, `account:${collection.ownerId}`)
  await deleteObjects(storageKeysOf(files))
  return { deletedFiles: files.length }
}

function notEmpty(uri: string, files: number): AppError {
  const held = files === 1 ? '1 file' : `${files} files`
  return new AppError('conflict', `${uri} is not empty: it holds ${held}. Delete them first, or force the deletion.`)
}
