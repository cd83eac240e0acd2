import { readdir } from 'node:fs/promises'
import { type Context, requireAdmin } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { UNUSED_ENVIRONMENT_DAYS } from '../schema'
import { discardEnvironments, emptyTrash, environmentsFolder, holdEnvironments } from '../shared-folder'

const KEY = /^[0-9a-f]{32}$/
const DAY_MS = 86_400_000

/**
 * Removes the installed packages that nobody needs: no published version, no newest build of an algorithm, no build and
 * no execution of the last 30 days. Does nothing while a build runs anywhere, and builds wait with their start until the
 * unused ones are out of the way: a build never loses what it has found.
 * @returns how many were removed
 */
export async function collectUnusedEnvironments(ctx: Context, now = new Date()): Promise<number> {
  requireAdmin(ctx)
  const removed = await db().$transaction(async (tx) => {
    await holdEnvironments(tx)
    if ((await tx.build.count({ where: { status: 'in_progress' } })) > 0) return []
    const unused = await findUnused(tx, now)
    await discardEnvironments(tx, unused)
    return unused
  })
  await emptyTrash()
  return removed.length
}

async function findUnused(tx: Transaction, now: Date): Promise<string[]> {
  const since = new Date(now.getTime() - UNUSED_ENVIRONMENT_DAYS * DAY_MS)
  const rows = await tx.$queryRaw<{ key: string; isNeeded: boolean }[]>`
    SELECT build."environmentKey" AS key, bool_or(
      build.status = 'queued'
      OR build."createdAt" > ${since}
      OR EXISTS (SELECT 1 FROM "Version" version WHERE version."buildId" = build.id)
      OR NOT EXISTS (
        SELECT 1 FROM "Build" newer
        WHERE newer."algorithmId" = build."algorithmId" AND newer.status = 'succeeded'
          AND newer."createdAt" > build."createdAt")
      OR EXISTS (
        SELECT 1 FROM "Execution" execution
        WHERE execution."algorithmId" = build."algorithmId" AND execution."commitSha" = build."commitSha"
          AND execution."startedAt" > ${since})
    ) AS "isNeeded"
    FROM "Build" build WHERE build."environmentKey" IS NOT NULL AND build.status IN ('succeeded', 'queued')
    GROUP BY build."environmentKey"`
  const needed = new Set(rows.filter(({ isNeeded }) => isNeeded).map(({ key }) => key))
  const names = await readdir(environmentsFolder()).catch(() => [])
  // What no build names is left over too, say by a crash.
  return names.filter((name) => KEY.test(name) && !needed.has(name))
}
