import { db } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import { discardEnvironments, emptyTrash, holdEnvironments, useEnvironments } from '../shared-folder'

/** Notes which environment a running build is about to look for. What it finds stays for it from now on. */
export async function noteEnvironment(buildId: string, environmentKey: string): Promise<void> {
  await db().$transaction(async (tx) => {
    await useEnvironments(tx)
    await tx.build.updateMany({ where: { id: buildId }, data: { environmentKey } })
  })
}

/**
 * A build that did not succeed leaves its environment: it is removed unless another build needs it, one that has
 * succeeded or one that is not done yet. Of `buildIds` those count that have ended: another process may go on with one.
 */
export async function leaveEnvironments(buildIds: string[]): Promise<void> {
  const left = {
    id: { in: buildIds },
    environmentKey: { not: null },
    status: { in: ['failed', 'cancelled'] },
  } satisfies Prisma.BuildWhereInput
  const noted = await db().build.findMany({ where: left, select: { environmentKey: true } })
  const keys = [...new Set(noted.flatMap(({ environmentKey }) => environmentKey ?? []))]
  if (keys.length === 0) return
  await db().$transaction(async (tx) => {
    await holdEnvironments(tx)
    await tx.build.updateMany({ where: left, data: { environmentKey: null } })
    const needed = await tx.build.findMany({
      where: { environmentKey: { in: keys }, status: { in: ['queued', 'in_progress', 'succeeded'] } },
      select: { environmentKey: true },
      distinct: ['environmentKey'],
    })
    const neededKeys = new Set(needed.map(({ environmentKey }) => environmentKey))
    await discardEnvironments(
      tx,
      keys.filter((key) => !neededKeys.has(key)),
    )
  })
  await emptyTrash()
}
