import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { currentEngine } from '@/lib/engine/current'
import { env } from '@/lib/env'
import { AppError, notFound } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { currentRuntime } from '@/lib/runtime/current'
import { findEditableAlgorithm } from '../access'
import { DeleteAlgorithm } from '../schema'
import { removeRepository, repositoryOf } from '../source/repository'
import { lockAlgorithm } from './save-source'

/**
 * Deletes an algorithm with everything of it: source, builds, versions, secrets, event flows and executions. Refused
 * with `conflict` once a version was published for everybody, because others may call it.
 */
export async function deleteAlgorithm(ctx: Context, input: DeleteAlgorithm): Promise<void> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const { confirmation } = DeleteAlgorithm.parse(input)
  if (confirmation.trim() !== algorithm.endpoint) {
    throw new AppError('invalid_input', `Type ${algorithm.endpoint} to delete it.`, {
      fields: { confirmation: `Type ${algorithm.endpoint}.` },
    })
  }
  await db().$transaction(async (tx) => {
    await lockAlgorithm(tx, algorithm)
    const publicVersions = await tx.version.count({ where: { algorithmId: algorithm.id, callability: 'public' } })
    if (publicVersions > 0) {
      throw new AppError('conflict', `${algorithm.endpoint} has public versions, which others may call; it stays.`)
    }
    // The order in which rows point at each other; the rest goes with the algorithm's own row.
    const ofAlgorithm = { where: { algorithmId: algorithm.id } }
    await tx.execution.deleteMany(ofAlgorithm)
    await tx.version.deleteMany(ofAlgorithm)
    await tx.build.deleteMany(ofAlgorithm)
    const { count } = await tx.algorithm.deleteMany({ where: { id: algorithm.id, ownerId: algorithm.ownerId } })
    if (count === 0) throw notFound('algorithm', algorithm.endpoint)
    await recordAudit(tx, ctx, {
      action: 'algorithm.delete',
      targetKind: 'algorithm',
      targetName: algorithm.endpoint,
      accountId: algorithm.ownerId,
    })
  })
  publishLive(`algorithm:${algorithm.id}`)
  // Its event flows went with it: their consumers stop before the workers do.
  await currentEngine().refreshAll()
  await removeFromDisk(algorithm.id)
}

/** After the commit: a crash in between leaves files that no row names, never a row without its files. */
async function removeFromDisk(algorithmId: string): Promise<void> {
  await currentRuntime().runtime.drop(algorithmId)
  await removeRepository(repositoryOf(algorithmId))
  await rm(join(env().HEADRACE_DATA, 'versions', algorithmId), { recursive: true, force: true })
}
