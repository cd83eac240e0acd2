import { findEditableAlgorithm } from '@/lib/algorithms/access'
import { lockAlgorithm } from '@/lib/algorithms/commands/save-source'
import { mirrorCommit } from '@/lib/algorithms/source/commit'
import { readHead, repositoryOf } from '@/lib/algorithms/source/repository'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { currentRuntime } from '@/lib/runtime/current'
import { enqueueBuild } from '../queue'
import { StartBuild } from '../schema'

export type StartedBuild = { buildId: string; commitSha: string }

/**
 * Queues a build of the newest commit and returns at once; its page and its log tell how it goes. A build of the same
 * commit that still waits or runs is returned instead of a second one.
 */
export async function startBuild(ctx: Context, input: StartBuild): Promise<StartedBuild> {
  const algorithm = await findEditableAlgorithm(ctx, StartBuild.parse(input))
  currentRuntime()
  if (!algorithm.environment.isAvailable) {
    throw new AppError('unavailable', `The environment ${algorithm.environment.name} is not on this machine any more.`)
  }
  const { build, isNew } = await db().$transaction(async (tx) => {
    await lockAlgorithm(tx, algorithm)
    const commitSha = await readHead(repositoryOf(algorithm.id))
    if (!commitSha) throw new Error(`the repository of ${algorithm.endpoint} has no commit`)
    await mirrorCommit(tx, algorithm.id, commitSha)
    const select = { id: true, commitSha: true }
    const waiting = await tx.build.findFirst({
      where: { algorithmId: algorithm.id, commitSha, status: { in: ['queued', 'in_progress'] } },
      select,
    })
    if (waiting) return { build: waiting, isNew: false }
    const build = await tx.build.create({ data: { algorithmId: algorithm.id, commitSha }, select })
    await recordAudit(tx, ctx, {
      action: 'build.start',
      targetKind: 'algorithm',
      targetName: algorithm.endpoint,
      accountId: algorithm.ownerId,
      details: { buildId: build.id, commitSha },
    })
    return { build, isNew: true }
  })
  if (isNew) enqueueBuild()
  publishLive(`algorithm:${algorithm.id}`)
  return { buildId: build.id, commitSha: build.commitSha }
}
