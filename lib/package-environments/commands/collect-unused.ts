import { readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { ENVIRONMENTS_LOCK } from '@/lib/builds/claims'
import { type Context, requireAdmin } from '@/lib/context'
import { db, type Transaction } from '@/lib/db'
import { env } from '@/lib/env'
import { UNNAMED_ENVIRONMENT_HOURS, UNUSED_ENVIRONMENT_DAYS } from '../schema'

const KEY = /^[0-9a-f]{32}$/
const TRASH_PREFIX = '.trash-'
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Removes the installed packages that nobody needs: no published version, no newest build of an algorithm, no build and
 * no execution of the last 30 days. Does nothing while a build runs anywhere, and builds wait with their start until the
 * unused ones are out of the way: a build never loses what it has found.
 * @returns how many were removed
 */
export async function collectUnusedEnvironments(ctx: Context, now = new Date()): Promise<number> {
  requireAdmin(ctx)
  const folder = path.join(env().HEADRACE_DATA, 'envs')
  const removed = await db().$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ENVIRONMENTS_LOCK}::bigint)`
    if ((await tx.build.count({ where: { status: 'in_progress' } })) > 0) return []
    const unused = await findUnused(tx, folder, now)
    for (const key of unused) await rename(path.join(folder, key), path.join(folder, `${TRASH_PREFIX}${key}`))
    await tx.packageEnvironment.deleteMany({ where: { key: { in: unused } } })
    return unused
  })
  // What a crash left in the trash goes too.
  for (const name of await listFolder(folder)) {
    if (name.startsWith(TRASH_PREFIX)) await rm(path.join(folder, name), { recursive: true, force: true })
  }
  return removed.length
}

async function findUnused(tx: Transaction, folder: string, now: Date): Promise<string[]> {
  const since = new Date(now.getTime() - UNUSED_ENVIRONMENT_DAYS * DAY_MS)
  const rows = await tx.$queryRaw<{ key: string; isNeeded: boolean }[]>`
    SELECT build."environmentKey" AS key, bool_or(
      build."createdAt" > ${since}
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
    FROM "Build" build WHERE build."environmentKey" IS NOT NULL AND build.status = 'succeeded'
    GROUP BY build."environmentKey"`
  const isNeeded = new Map(rows.map((row) => [row.key, row.isNeeded]))
  const unnamedSince = now.getTime() - UNNAMED_ENVIRONMENT_HOURS * HOUR_MS
  const unused: string[] = []
  for (const key of (await listFolder(folder)).filter((name) => KEY.test(name))) {
    const needed = isNeeded.get(key) ?? (await stat(path.join(folder, key))).ctimeMs > unnamedSince
    if (!needed) unused.push(key)
  }
  return unused
}

function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}
