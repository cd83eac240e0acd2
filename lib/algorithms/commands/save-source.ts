import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { findEditableAlgorithm } from '../access'
import { commitChanges, type SourceChange } from '../source/commit'
import { SaveSource } from '../source/schema'

export type SavedSource = { commitSha: string }

/**
 * Commits changes to an algorithm's source; without a difference the commit stays the same. Throws `conflict` when
 * somebody else saved since `parentSha`.
 */
export async function saveSource(ctx: Context, input: SaveSource): Promise<SavedSource> {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const { parentSha, changes, message } = SaveSource.parse(input)
  const commitSha = await db().$transaction(async (tx) => {
    await lockAlgorithm(tx, algorithm)
    const sha = await commitChanges(tx, {
      algorithmId: algorithm.id,
      parentSha,
      changes,
      message: message || describeChanges(changes),
      authorName: ctx.actor.name,
    })
    if (sha === parentSha) return sha
    await recordAudit(tx, ctx, {
      action: 'algorithm.commit',
      targetKind: 'algorithm',
      targetName: algorithm.endpoint,
      accountId: algorithm.ownerId,
      details: { commitSha: sha, files: changes.length },
    })
    return sha
  })
  if (commitSha !== parentSha) publishLive(`algorithm:${algorithm.id}`)
  return { commitSha }
}

/** Takes the algorithm's row lock for the rest of the transaction: one writer of source and versions at a time. */
export async function lockAlgorithm(tx: Transaction, algorithm: { id: string; ownerId: string }): Promise<void> {
  const { count } = await tx.algorithm.updateMany({
    where: { id: algorithm.id, ownerId: algorithm.ownerId },
    data: { updatedAt: new Date() },
  })
  if (count === 0) throw notFound('algorithm')
}

function describeChanges(changes: SourceChange[]): string {
  const [first] = changes
  if (!first) return 'Save'
  if (changes.length > 1) return `Update ${changes.length} files`
  return `${first.text === null ? 'Delete' : 'Update'} ${first.path}`
}
