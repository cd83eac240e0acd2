import { storageKeysOf } from '@/lib/data/contents'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { ResultFile } from './outputs'

/** The columns of `json_to_recordset` that make a file's row. */
export const FILE_JSON =
  'name text, "sizeBytes" bigint, "contentType" text, checksum text, "storageKey" text, content text'

/** Takes what `fileColumns` selects, after an id and a collection's id and before the time. */
export const INTO_DATA_FILE = `INSERT INTO "DataFile"
      (id, "collectionId", name, "sizeBytes", "contentType", checksum, "storageKey", content, "updatedAt")`

export const fileColumns = (from: string) =>
  `${from}.name, ${from}."sizeBytes", ${from}."contentType", ${from}.checksum, ${from}."storageKey", decode(${from}.content, 'base64')`

/**
 * Both of what says where the bytes are: the former version may have been in the other place. Its object comes back in
 * `replacedKey`, of the version that is really replaced: a look before might miss one that has come meanwhile, and would
 * need a plan for a table that grows.
 */
export const REPLACING_FILE = `ON CONFLICT ("collectionId", name) DO UPDATE SET
      "sizeBytes" = EXCLUDED."sizeBytes", "contentType" = EXCLUDED."contentType", checksum = EXCLUDED.checksum,
      "storageKey" = EXCLUDED."storageKey", content = EXCLUDED.content, "replacedKey" = "DataFile"."storageKey",
      "updatedAt" = EXCLUDED."updatedAt"`

/** A result's file for a JSON parameter. */
export function fileJson({ owner: _, content, ...file }: ResultFile) {
  return { ...file, content: content && Buffer.from(content).toString('base64') }
}

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
  const replaced: ResultFile[] = []
  for (const one of files) {
    const name = `${one.collectionId} ${one.file.name}`
    const earlier = byName.get(name)
    if (earlier) replaced.push(earlier.file)
    byName.set(name, one)
  }
  const rows = [...byName.values()].map(({ collectionId, file }) => ({ collectionId, ...fileJson(file) }))
  // In the record's order: two engines that write the same names do not wait for each other in a circle.
  const written = await tx.$queryRawUnsafe<{ storageKey: string | null }[]>(
    `${INTO_DATA_FILE}
    SELECT gen_random_uuid(), f."collectionId", ${fileColumns('f')}, now()
    FROM json_to_recordset($1::json) AS f("collectionId" uuid, ${FILE_JSON})
    ORDER BY f."collectionId", f.name
    ${REPLACING_FILE}
    RETURNING "replacedKey" AS "storageKey"`,
    JSON.stringify(rows),
  )
  return storageKeysOf([...replaced, ...written])
}

/** Tells collections apart, and for whom they are wanted. */
export const placeOf = ({ flowOwnerId, file }: WantedFile) =>
  `${flowOwnerId} ${file.owner.toLowerCase()} ${file.collection}`
