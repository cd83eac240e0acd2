import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { fileNotFound, ownedBy, readable } from './access'
import { type ByteRange, openContents } from './contents'
import type { FilePath } from './schema'
import { formatDataUri } from './uri'

/** A write may replace the object between the look at the row and the opening; then look again. */
const MAX_TRIES = 5

export type FileDetails = Awaited<ReturnType<typeof getFile>>

/** What is known of a file that the actor may read. */
export async function getFile(ctx: Context, path: FilePath) {
  const { content: _, ...file } = await findFile(ctx, path)
  return file
}

async function findFile(ctx: Context, path: FilePath) {
  const found = await db().dataFile.findFirst({
    where: {
      name: path.file,
      collection: { AND: [{ name: path.collection, owner: ownedBy(ctx, path.owner) }, await readable(ctx)] },
    },
    select: {
      id: true,
      name: true,
      sizeBytes: true,
      contentType: true,
      checksum: true,
      storageKey: true,
      content: true,
      updatedAt: true,
      collection: { select: { name: true, owner: { select: { name: true } } } },
    },
  })
  if (!found) throw fileNotFound(path.owner, path.collection, path.file)
  const { collection, ...file } = found
  const uri = formatDataUri(collection.owner.name, collection.name, file.name)
  return { ...file, sizeBytes: Number(file.sizeBytes), uri }
}

/** Opens a file for reading. The stream is one version of it, whole, even when it is replaced meanwhile. */
export async function openFile(ctx: Context, path: FilePath, chooseRange: RangeChooser = () => undefined) {
  for (let tries = 1; ; tries++) {
    const { content, ...file } = await findFile(ctx, path)
    const range = chooseRange(file)
    const body = await openContents({ storageKey: file.storageKey, content }, range)
    if (body) return { file, range, body }
    if (tries === MAX_TRIES) {
      throw new AppError('unavailable', `The contents of ${file.uri} are missing in storage. Upload the file again.`)
    }
  }
}

/** Which part of a file to read, once its size is known. */
export type RangeChooser = (file: { sizeBytes: number }) => ByteRange | undefined
