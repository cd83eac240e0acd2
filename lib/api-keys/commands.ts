import { recordAudit } from '@/lib/audit/commands'
import { accountOf, type Context } from '@/lib/context'
import { sha256 } from '@/lib/crypto'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { generateKey, maskOf } from './key'
import { CreateApiKey, DeleteApiKey } from './schema'

export type CreatedApiKey = { id: string; key: string }

/** Makes a key of the actor's own account. The key is in the answer and nowhere else: only its hash is kept. */
export async function createApiKey(ctx: Context, input: CreateApiKey): Promise<CreatedApiKey> {
  requirePerson(ctx)
  const { canManage, ...access } = CreateApiKey.parse(input)
  const accountId = accountOf(ctx)
  const key = generateKey()
  return db().$transaction(async (tx) => {
    const { id } = await tx.apiKey.create({
      data: {
        ...access,
        canManage: canManage && access.algorithmAccess === 'full',
        accountId,
        keyHash: sha256(key),
        mask: maskOf(key),
      },
      select: { id: true },
    })
    await recordAudit(tx, ctx, {
      action: 'api-key.create',
      targetKind: 'api-key',
      targetName: access.label,
      accountId,
      details: { algorithmAccess: access.algorithmAccess, dataAccess: access.dataAccess, canManage },
    })
    return { id, key }
  })
}

/** Deletes a key of the actor's own account; the next call with it is refused. */
export async function deleteApiKey(ctx: Context, input: DeleteApiKey): Promise<void> {
  requirePerson(ctx)
  const { keyId } = DeleteApiKey.parse(input)
  const accountId = accountOf(ctx)
  await db().$transaction(async (tx) => {
    const key = await tx.apiKey.findFirst({ where: { id: keyId, accountId }, select: { label: true } })
    const { count } = await tx.apiKey.deleteMany({ where: { id: keyId, accountId } })
    if (!key || count === 0) throw notFound('API key')
    await recordAudit(tx, ctx, { action: 'api-key.delete', targetKind: 'api-key', targetName: key.label, accountId })
  })
}

/** A key must not be able to make itself a stronger one, nor an algorithm one for its caller. */
function requirePerson(ctx: Context): void {
  if (ctx.actor.kind === 'user' || ctx.actor.kind === 'system') return
  throw new AppError('forbidden', 'API keys are managed in the console, by a person who is signed in.')
}
