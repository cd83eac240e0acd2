import { findEditableAlgorithm } from '@/lib/algorithms/access'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { publishLive } from '@/lib/live/bus'
import { tellWaitingBuilds } from '../claims'
import { abortBuild } from '../queue'
import { BuildPath } from '../schema'

/**
 * Ends a build: one that waits at once, one that runs as soon as its process has killed what it runs, wherever that
 * is. Throws `conflict` when it is finished already.
 */
export async function cancelBuild(ctx: Context, input: BuildPath): Promise<void> {
  const { buildId, ...path } = BuildPath.parse(input)
  const algorithm = await findEditableAlgorithm(ctx, path)
  await db().$transaction(async (tx) => {
    const where = { id: buildId, algorithmId: algorithm.id }
    const now = new Date()
    const waiting = await tx.build.updateMany({
      where: { ...where, status: 'queued' },
      data: { status: 'cancelled', cancelRequestedAt: now, finishedAt: now, error: 'Cancelled before it began.' },
    })
    const running = await tx.build.updateMany({
      where: { ...where, status: 'in_progress' },
      data: { cancelRequestedAt: now },
    })
    if (waiting.count + running.count === 0) {
      if ((await tx.build.count({ where })) === 0) throw notFound('build', buildId)
      throw new AppError('conflict', 'This build is finished already.')
    }
    await recordAudit(tx, ctx, {
      action: 'build.cancel',
      targetKind: 'algorithm',
      targetName: algorithm.endpoint,
      accountId: algorithm.ownerId,
      details: { buildId },
    })
  })
  abortBuild(buildId)
  publishLive(`build:${buildId}`, `algorithm:${algorithm.id}`)
  await tellWaitingBuilds()
}
