import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { publishLive } from '@/lib/live/bus'
import { fileNotFound, findWritableCollection } from '../access'
import { deleteObject } from '../objects'
import type { FilePath } from '../schema'
import { formatDataUri } from '../uri'

/** Deletes a file: first its row, then its bytes in storage, if they are there. Throws `not_found` when there is none. */
export async function deleteFile(ctx: Context, input: FilePath): Promise<void> {
  const collection = await findWritableCollection(ctx, input)
  const storageKey = await db().$transaction(async (tx) => {
    const found = await tx.dataFile.findUnique({
      where: { collectionId_name: { collectionId: collection.id, name: input.file } },
      select: { id: true, storageKey: true },
    })
    if (!found) throw fileNotFound(input.owner, input.collection, input.file)
    const { count } = await tx.dataFile.deleteMany({ where: found })
    if (count === 0) throw fileNotFound(input.owner, input.collection, input.file)
    await recordAudit(tx, ctx, {
      action: 'file.delete',
      targetKind: 'file',
      targetName: formatDataUri(collection.ownerName, collection.name, input.file),
      accountId: collection.ownerId,
    })
    return found.storageKey
  })
  publishLive(`collection:${collection.id}`, `account:${collection.ownerId}`)
  if (storageKey !== null) await deleteObject(storageKey)
}
