import { accountOf, type Context } from '@/lib/context'
import { sha256 } from '@/lib/crypto'
import { db, poolOf } from '@/lib/db'
import { AppError } from '@/lib/errors'
import type { AlgorithmAccess, DataAccess } from '@/lib/generated/prisma/enums'
import { readAuthorization } from './key'
import type { ApiKeyListParams } from './schema'

export type ApiKeyRow = {
  id: string
  label: string
  mask: string
  algorithmAccess: AlgorithmAccess
  dataAccess: DataAccess
  canManage: boolean
  createdAt: Date
  lastUsedAt: Date | null
}

/** The keys of the actor's own account; `q` is a part of the label. */
export async function listApiKeys(
  ctx: Context,
  { q, order }: ApiKeyListParams = { q: '', order: 'desc' },
): Promise<ApiKeyRow[]> {
  return db().apiKey.findMany({
    where: { accountId: accountOf(ctx), label: { contains: q, mode: 'insensitive' } },
    select: {
      id: true,
      label: true,
      mask: true,
      algorithmAccess: true,
      dataAccess: true,
      canManage: true,
      createdAt: true,
      lastUsedAt: true,
    },
    orderBy: { createdAt: order },
  })
}

/** `lastUsedAt` is written at most this often, so that reading with a key does not become writing. */
const USE_RECORDED_EVERY_MS = 60_000

/**
 * Who calls the HTTP API, from its `Authorization` header.
 * @throws AppError `unauthenticated` with the text that the official clients know, for a missing or unknown key
 */
export async function authenticateApiKey(authorizationHeader: string | null | undefined): Promise<Context> {
  const key = readAuthorization(authorizationHeader)
  const row = key ? await findKey(sha256(key)) : undefined
  if (!row) throw new AppError('unauthenticated', 'authorization required')
  await recordUse(row.id, row.lastUsedAt)
  const { algorithmAccess, dataAccess, canManage } = row
  return {
    actor: {
      kind: 'api-key',
      keyId: row.id,
      accountId: row.accountId,
      name: row.accountName,
      permissions: { algorithms: algorithmAccess, data: dataAccess, canManage },
    },
  }
}

type FoundKey = {
  id: string
  algorithmAccess: AlgorithmAccess
  dataAccess: DataAccess
  canManage: boolean
  lastUsedAt: Date | null
  accountId: string
  accountName: string
}

/** Past Prisma: every call over HTTP begins with it. */
async function findKey(keyHash: string): Promise<FoundKey | undefined> {
  const { rows } = await poolOf(db()).query<FoundKey>(
    `SELECT k.id, k."algorithmAccess", k."dataAccess", k."canManage", k."lastUsedAt", k."accountId",
       a.name AS "accountName"
     FROM "ApiKey" k JOIN "Account" a ON a.id = k."accountId" WHERE k."keyHash" = $1`,
    [keyHash],
  )
  return rows[0]
}

async function recordUse(keyId: string, lastUsedAt: Date | null): Promise<void> {
  const now = new Date()
  if (lastUsedAt && now.getTime() - lastUsedAt.getTime() < USE_RECORDED_EVERY_MS) return
  await db().apiKey.updateMany({ where: { id: keyId }, data: { lastUsedAt: now } })
}
