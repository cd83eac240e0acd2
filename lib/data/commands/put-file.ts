import { Readable } from 'node:stream'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { storage } from '@/lib/storage/current'
import { newStorageKey } from '@/lib/storage/key'
import { collectionNotFound, findWritableCollection, type WritableCollection } from '../access'
import { guessContentType } from '../content-type'
import { deleteObject } from '../objects'
import type { FilePath } from '../schema'
import { checkFileName, formatDataUri } from '../uri'

export type FileUpload = FilePath & {
  /** Without one, or with one that says nothing, the name's ending decides. */
  contentType?: string | undefined
  body: Readable | Uint8Array
}

type FileVersion = { contentType: string; sizeBytes: bigint; checksum: string; storageKey: string; content: null }

/** Two writers of one file take turns; more tries than this mean something else is wrong. */
const MAX_TRIES = 20

/**
 * Stores a file, in place of one of the same name: readers get the former bytes or these, whole. The order is object →
 * row → former object, so that a crash leaves at most an object that no row names. An upload is a stream whose size is
 * not known before its end: it goes to storage whatever its size.
 */
export async function putFile(ctx: Context, input: FileUpload) {
  // The body may fail before anybody reads it; its reader hears of it then, and until then nothing may crash.
  if (input.body instanceof Readable) input.body.on('error', () => {})
  checkFileName(input.file)
  const collection = await findWritableCollection(ctx, input)
  const storageKey = newStorageKey()
  const { sizeBytes, checksum } = await storage().put(storageKey, input.body)
  const contentType = guessContentType(input.file, input.contentType)
  const version = { contentType, sizeBytes: BigInt(sizeBytes), checksum, storageKey, content: null }
  const replaced = await recordFile(ctx, collection, input, version).catch(async (error) => {
    await deleteObject(storageKey)
    throw error
  })
  publishLive(`collection:${collection.id}`, `account:${collection.ownerId}`)
  if (replaced?.storageKey) await deleteObject(replaced.storageKey)
  return { uri: formatDataUri(collection.ownerName, collection.name, input.file), sizeBytes, checksum }
}

/** @returns the version that was replaced, or null when there was none. */
async function recordFile(ctx: Context, collection: WritableCollection, path: FilePath, version: FileVersion) {
  return db().$transaction(async (tx) => {
    // Keeps the collection until the row is in: a deletion waits, or was first.
    const held = await tx.$queryRaw<unknown[]>`SELECT 1 FROM "Collection" WHERE id = ${collection.id}::uuid FOR SHARE`
    if (held.length === 0) throw collectionNotFound(path.owner, path.collection)
    const replaced = await upsertFile(tx, collection.id, path.file, version)
    await recordAudit(tx, ctx, {
      action: replaced ? 'file.replace' : 'file.create',
      targetKind: 'file',
      targetName: formatDataUri(collection.ownerName, collection.name, path.file),
      accountId: collection.ownerId,
      details: { sizeBytes: Number(version.sizeBytes) },
    })
    return replaced
  })
}

async function upsertFile(tx: Transaction, collectionId: string, name: string, version: FileVersion) {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const former = await tx.dataFile.findUnique({
      where: { collectionId_name: { collectionId, name } },
      select: { id: true, storageKey: true },
    })
    // What is replaced must be what was seen, so that its object is deleted; without one there is nothing to miss.
    const { count } = former
      ? await tx.dataFile.updateMany({ where: { id: former.id, storageKey: former.storageKey }, data: version })
      : await tx.dataFile.createMany({ data: [{ collectionId, name, ...version }], skipDuplicates: true })
    if (count === 1) return former
  }
  throw new AppError('conflict', `${name} is being written by too many at once. Try again in a moment.`)
}
