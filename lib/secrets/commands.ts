import { type EditableAlgorithm, findEditableAlgorithm } from '@/lib/algorithms/access'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { encrypt } from '@/lib/crypto'
import { db, type Transaction } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { Prisma } from '@/lib/generated/prisma/client'
import { publishLive } from '@/lib/live/bus'
import { currentRuntime } from '@/lib/runtime/current'
import { CreateSecret, MAX_SECRETS, RemoveSecret, UpdateSecret } from './schema'

/** Keeps a secret for an algorithm, encrypted. Throws `conflict` when its environment variable is taken. */
export async function createSecret(ctx: Context, input: CreateSecret): Promise<{ id: string }> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const { environmentName, displayName, description, value } = CreateSecret.parse(input)
  const secret = await db()
    .$transaction(async (tx) => {
      if ((await tx.secret.count({ where: { algorithmId: algorithm.id } })) >= MAX_SECRETS) {
        throw new AppError('too_large', `An algorithm has at most ${MAX_SECRETS} secrets; remove one first.`)
      }
      const created = await tx.secret.create({
        data: { algorithmId: algorithm.id, environmentName, displayName, description, ciphertext: encrypt(value) },
        select: { id: true },
      })
      await recordSecretAudit(tx, ctx, 'secret.create', algorithm, environmentName)
      return created
    })
    .catch((error: unknown) => {
      throw isTaken(error) ? nameTaken(environmentName) : error
    })
  await letWorkersGo(algorithm.id)
  return secret
}

/** Changes a secret's name, description and, when one is given, its value. The variable's name stays. */
export async function updateSecret(ctx: Context, input: UpdateSecret): Promise<void> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const { secretId, displayName, description, value } = UpdateSecret.parse(input)
  await db().$transaction(async (tx) => {
    const environmentName = await requireSecret(tx, algorithm.id, secretId)
    await tx.secret.updateMany({
      where: { id: secretId, algorithmId: algorithm.id },
      data: { displayName, description, ...(value ? { ciphertext: encrypt(value) } : {}) },
    })
    await recordSecretAudit(tx, ctx, 'secret.update', algorithm, environmentName)
  })
  await letWorkersGo(algorithm.id)
}

/** Removes a secret for good. */
export async function removeSecret(ctx: Context, input: RemoveSecret): Promise<void> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const { secretId } = RemoveSecret.parse(input)
  await db().$transaction(async (tx) => {
    const environmentName = await requireSecret(tx, algorithm.id, secretId)
    await tx.secret.deleteMany({ where: { id: secretId, algorithmId: algorithm.id } })
    await recordSecretAudit(tx, ctx, 'secret.remove', algorithm, environmentName)
  })
  await letWorkersGo(algorithm.id)
}

async function requireSecret(tx: Transaction, algorithmId: string, secretId: string): Promise<string> {
  const secret = await tx.secret.findFirst({
    where: { id: secretId, algorithmId },
    select: { environmentName: true },
  })
  if (!secret) throw notFound('secret')
  return secret.environmentName
}

/** Workers read secrets when they start: those that run with the old ones are let go. */
async function letWorkersGo(algorithmId: string): Promise<void> {
  await currentRuntime().runtime.drop(algorithmId)
  publishLive(`algorithm:${algorithmId}`)
}

async function recordSecretAudit(
  tx: Transaction,
  ctx: Context,
  action: string,
  algorithm: EditableAlgorithm,
  environmentName: string,
): Promise<void> {
  await recordAudit(tx, ctx, {
    action,
    targetKind: 'secret',
    targetName: `${algorithm.endpoint} ${environmentName}`,
    accountId: algorithm.ownerId,
  })
}

function isTaken(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
}

function nameTaken(environmentName: string): AppError {
  const message = `This algorithm has a secret ${environmentName} already; update that one.`
  return new AppError('conflict', message, { fields: { environmentName: message } })
}
