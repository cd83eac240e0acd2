import { findEditableAlgorithm } from '@/lib/algorithms/access'
import { lockAlgorithm } from '@/lib/algorithms/commands/save-source'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { mirrorCommit } from '@/lib/algorithms/source/commit'
import { recordAudit } from '@/lib/audit/commands'
import { startBuild } from '@/lib/builds/commands/start-build'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { publishLive } from '@/lib/live/bus'
import { componentLogger } from '@/lib/logger'

const log = componentLogger('git')

/**
 * Writes down that main was pushed to, and builds it. The branch has moved already: what fails here does not undo the
 * push, and the next save or build finds the commit.
 */
export async function recordPush(
  ctx: Context,
  path: AlgorithmPath,
  fromSha: string | null,
  toSha: string,
): Promise<void> {
  try {
    const algorithm = await findEditableAlgorithm(ctx, path)
    await db().$transaction(async (tx) => {
      await lockAlgorithm(tx, algorithm)
      await mirrorCommit(tx, algorithm.id, toSha)
      await recordAudit(tx, ctx, {
        action: 'algorithm.push',
        targetKind: 'algorithm',
        targetName: algorithm.endpoint,
        accountId: algorithm.ownerId,
        details: { fromSha, toSha },
      })
    })
    publishLive(`algorithm:${algorithm.id}`)
    await startBuild(ctx, path)
  } catch (error) {
    log.warn({ err: error, algorithm: `${path.owner}/${path.name}`, commitSha: toSha }, 'a push was not built')
  }
}
