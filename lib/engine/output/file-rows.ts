import type { Prisma } from '@/lib/generated/prisma/client'
import type { ResultFile } from './outputs'

/** A result's file with whom its flow belongs to: only her or his own collections take it. */
export type WantedFile = { flowOwnerId: string; file: ResultFile }

/**
 * Finds the collections that the files go to, and keeps each until the transaction ends: a deletion waits, or was first.
 * @returns the id of the collection of each file that has one
 */
export async function holdCollections(
  tx: Prisma.TransactionClient,
  wanted: WantedFile[],
): Promise<(file: WantedFile) => string | undefined> {
  const places = new Map(wanted.map((one) => [placeOf(one), one]))
  const found = await tx.$queryRaw<{ id: string; place: string }[]>`
    SELECT c.id, p.place
    FROM unnest(
      ${[...places.keys()]}::text[],
      ${[...places.values()].map(({ flowOwnerId }) => flowOwnerId)}::uuid[],
      ${[...places.values()].map(({ file }) => file.owner.toLowerCase())}::text[],
      ${[...places.values()].map(({ file }) => file.collection)}::text[]
    ) AS p(place, owner_id, owner_key, name)
    JOIN "Account" a ON a."nameKey" = p.owner_key
    JOIN "Collection" c ON c."ownerId" = a.id AND c."ownerId" = p.owner_id AND c.name = p.name
    ORDER BY c.id
    FOR SHARE OF c`
  const ids = new Map(found.map(({ place, id }) => [place, id]))
  return (file) => ids.get(placeOf(file))
}

/**
 * Writes the files' rows, in place of those of the same names.
 * @returns the storage keys that no row names any more: delete them once the transaction is committed
 */
export async function writeFileRows(
  tx: Prisma.TransactionClient,
  files: { collectionId: string; file: ResultFile }[],
): Promise<string[]> {
  if (files.length === 0) return []
  const byName = new Map<string, (typeof files)[number]>()
  const replaced: string[] = []
  for (const one of files) {
    const name = `${one.collectionId} ${one.file.name}`
    const earlier = byName.get(name)
    if (earlier) replaced.push(earlier.file.storageKey)
    byName.set(name, one)
  }
  // Always in the same order: two engines that write the same names do not wait for each other in a circle.
  const rows = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  const collectionIds = rows.map(({ collectionId }) => collectionId)
  const names = rows.map(({ file }) => file.name)
  const former = await tx.$queryRaw<{ storageKey: string }[]>`
    SELECT f."storageKey" FROM "DataFile" f
    JOIN unnest(${collectionIds}::uuid[], ${names}::text[]) AS w(id, name) ON f."collectionId" = w.id AND f.name = w.name
    ORDER BY f."collectionId", f.name
    FOR UPDATE OF f`
  await tx.$executeRaw`
    INSERT INTO "DataFile" (id, "collectionId", name, "sizeBytes", "contentType", checksum, "storageKey", "updatedAt")
    SELECT gen_random_uuid(), w.*, now()
    FROM unnest(
      ${collectionIds}::uuid[],
      ${names}::text[],
      ${rows.map(({ file }) => file.sizeBytes)}::bigint[],
      ${rows.map(({ file }) => file.contentType)}::text[],
      ${rows.map(({ file }) => file.checksum)}::text[],
      ${rows.map(({ file }) => file.storageKey)}::text[]
    ) AS w
    ON CONFLICT ("collectionId", name) DO UPDATE SET
      "sizeBytes" = EXCLUDED."sizeBytes", "contentType" = EXCLUDED."contentType", checksum = EXCLUDED.checksum,
      "storageKey" = EXCLUDED."storageKey", "updatedAt" = EXCLUDED."updatedAt"`
  return [...replaced, ...former.map(({ storageKey }) => storageKey)]
}

/** Tells collections apart, and for whom they are wanted. */
export const placeOf = ({ flowOwnerId, file }: WantedFile) =>
  `${flowOwnerId} ${file.owner.toLowerCase()} ${file.collection}`
