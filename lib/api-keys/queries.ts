import { accountOf, type Context } from '@/lib/context'
import { sha256 } from '@/lib/crypto'
import { db } from '@/lib/db'
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
  const row = key ? await findKey(sha256(key)) : null
  if (!row) throw new AppError('unauthenticated', 'authorization required')
  await recordUse(row.id, row.lastUsedAt)
  const { algorithmAccess, dataAccess, canManage } = row
  return {
    actor: {
      kind: 'api-key',
      keyId: row.id,
      accountId: row.account.id,
      name: row.account.name,
      permissions: { algorithms: algorithmAccess, data: dataAccess, canManage },
    },
  }
}

function findKey(keyHash: string) {
  return db().apiKey.findUnique({
    where: { keyHash },
    select: {
      id: true,
      algorithmAccess: true,
      dataAccess: true,
      canManage: true,
      lastUsedAt: true,
      account: { select: { id: true, name: true } },
    },
  })
}

async function recordUse(keyId: string, lastUsedAt: Date | null): Promise<void> {
  const now = new Date()
  if (lastUsedAt && now.getTime() - lastUsedAt.getTime() < USE_RECORDED_EVERY_MS) return
  await db().apiKey.updateMany({ where: { id: keyId }, data: { lastUsedAt: now } })
}
