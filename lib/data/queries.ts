import { ownedAccountIds } from '@/lib/accounts/queries'
import { accountOf, type Context, dataRightOf } from '@/lib/context'
import { db } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import { collectionNotFound, ownedBy, readable } from './access'
import { decodeMarker, encodeMarker } from './marker'
import type { CollectionPath } from './schema'
import { formatDataUri, OWN_ACCOUNT } from './uri'

/** Files a page of the HTTP API. */
const FILES_PER_LISTING = 1000
/** Files a page of the console. */
export const FILES_PER_PAGE = 50
const COLLECTIONS_FOUND = 50

const FILE = {
  id: true,
  name: true,
  sizeBytes: true,
  contentType: true,
  updatedAt: true,
} satisfies Prisma.DataFileSelect

export type OwnerRow = Awaited<ReturnType<typeof listOwners>>[number]
export type FoundCollection = Awaited<ReturnType<typeof searchCollections>>[number]
export type CollectionRow = Awaited<ReturnType<typeof listCollections>>['collections'][number]
export type CollectionDetails = Awaited<ReturnType<typeof getCollection>>
export type FileRow = { id: string; name: string; sizeBytes: number; contentType: string; updatedAt: Date }

/** The accounts whose hosted data the actor may change, its own one first. */
export async function listOwners(ctx: Context) {
  const own = accountOf(ctx)
  await readable(ctx)
  const accounts = await db().account.findMany({
    where: { id: { in: await ownedAccountIds(ctx) } },
    orderBy: { name: 'asc' },
    select: { id: true, name: true, displayName: true, _count: { select: { collections: true } } },
  })
  return accounts
    .map(({ _count, ...account }) => ({
      ...account,
      isMine: account.id === own,
      uri: formatDataUri(account.id === own ? OWN_ACCOUNT : account.name),
      collectionCount: _count.collections,
    }))
    .sort((a, b) => Number(b.isMine) - Number(a.isMine))
}

/** Collections of the actor's own accounts whose names hold `search`, at most 50. */
export async function searchCollections(ctx: Context, search: string) {
  const collections = await db().collection.findMany({
    where: { AND: [{ name: contains(search), ownerId: { in: await ownedAccountIds(ctx) } }, await readable(ctx)] },
    orderBy: { name: 'asc' },
    take: COLLECTIONS_FOUND,
    select: { id: true, name: true, owner: { select: { id: true, name: true, displayName: true } } },
  })
  return collections.map(({ owner, ...collection }) => ({
    ...collection,
    owner: { ...owner, isMine: owner.id === accountOf(ctx) },
    uri: formatDataUri(owner.name, collection.name),
  }))
}

/**
 * The collections of an account that the actor may read. Throws `not_found` for an account of which the actor may see
 * nothing.
 */
export async function listCollections(ctx: Context, input: { owner: string; search?: string | undefined }) {
  const owned = await ownedAccountIds(ctx)
  const account = await db().account.findFirst({
    where: ownedBy(ctx, input.owner),
    select: { id: true, name: true, displayName: true },
  })
  if (!account) throw collectionNotFound(input.owner)
  const visible = { AND: [{ ownerId: account.id }, await readable(ctx)] }
  const collections = await db().collection.findMany({
    where: { ...visible, ...(input.search && { name: contains(input.search) }) },
    orderBy: { name: 'asc' },
    select: { id: true, name: true, readAccess: true, createdAt: true, _count: { select: { files: true } } },
  })
  const isMine = owned.includes(account.id)
  if (!isMine && collections.length === 0 && (await db().collection.count({ where: visible })) === 0) {
    throw collectionNotFound(input.owner)
  }
  return {
    owner: { ...account, isMine },
    collections: collections.map(({ _count, ...collection }) => ({
      ...collection,
      uri: formatDataUri(account.name, collection.name),
      fileCount: _count.files,
    })),
  }
}

/** A collection that the actor may read; `mayWrite` says whether it may change it too. */
export async function getCollection(ctx: Context, path: CollectionPath) {
  const found = await db().collection.findFirst({
    where: { AND: [{ name: path.collection, owner: ownedBy(ctx, path.owner) }, await readable(ctx)] },
    select: {
      id: true,
      name: true,
      readAccess: true,
      createdAt: true,
      owner: { select: { id: true, name: true, displayName: true } },
    },
  })
  if (!found) throw collectionNotFound(path.owner, path.collection)
  const isOwned = (await ownedAccountIds(ctx)).includes(found.owner.id)
  return {
    ...found,
    uri: formatDataUri(found.owner.name, found.name),
    mayWrite: isOwned && dataRightOf(ctx) === 'read_write',
  }
}

/** The files of a collection by name, at most 1,000; `nextMarker` asks for those after them. */
export async function listFiles(ctx: Context, input: CollectionPath & { marker?: string | undefined }) {
  const collection = await getCollection(ctx, input)
  const after = input.marker === undefined ? undefined : decodeMarker(input.marker)
  const rows = await db().dataFile.findMany({
    where: { collectionId: collection.id, ...(after !== undefined && { name: { gt: after } }) },
    orderBy: { name: 'asc' },
    take: FILES_PER_LISTING + 1,
    select: FILE,
  })
  const files = rows.slice(0, FILES_PER_LISTING).map(toFileRow)
  const last = files.at(-1)
  return { collection, files, nextMarker: rows.length > files.length && last ? encodeMarker(last.name) : null }
}

/** One page of a collection's files whose names hold `search`, by name; pages count from 1. */
export async function browseFiles(
  ctx: Context,
  input: CollectionPath & { search?: string | undefined; page?: number },
) {
  const collection = await getCollection(ctx, input)
  const where = { collectionId: collection.id, ...(input.search && { name: contains(input.search) }) }
  const total = await db().dataFile.count({ where })
  const page = Math.min(input.page ?? 1, Math.max(1, Math.ceil(total / FILES_PER_PAGE)))
  const rows = await db().dataFile.findMany({
    where,
    orderBy: { name: 'asc' },
    skip: (page - 1) * FILES_PER_PAGE,
    take: FILES_PER_PAGE,
    select: FILE,
  })
  return { collection, files: rows.map(toFileRow), total, page }
}

function contains(search: string): Prisma.StringFilter {
  return { contains: search.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' }
}

function toFileRow(row: Prisma.DataFileGetPayload<{ select: typeof FILE }>): FileRow {
  return { ...row, sizeBytes: Number(row.sizeBytes) }
}
