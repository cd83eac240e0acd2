import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { db } from '@/lib/db'
import { publishLive } from '@/lib/live/bus'
import { useEnvironments } from '@/lib/package-environments/shared-folder'

/** A process that did not renew its claim for so long is taken for dead. */
export const CLAIM_SECONDS = 30
/** A longer queue is not watched to its end. */
const MAX_TOLD = 100
export const ABANDONED = 'The server stopped before this build was done. Build again.'

/** Names one process that builds, for its lifetime. */
export function newBuilderId(): string {
  return `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
}

/**
 * Takes the oldest queued build for this process: from now on it must be renewed. Two processes never take the same
 * one. Times are the database's, so that clocks may differ.
 * @returns its id, or null when nothing waits
 */
export async function claimBuild(builderId: string): Promise<string | null> {
  return db().$transaction(async (tx) => {
    // Waits while unused environments are put away: what this build finds from here on stays.
    await useEnvironments(tx)
    const [claimed] = await tx.$queryRaw<{ id: string }[]>`
      UPDATE "Build"
      SET status = 'in_progress', "claimedBy" = ${builderId}, "heartbeatAt" = now(), "startedAt" = now()
      WHERE id = (
        SELECT id FROM "Build" WHERE status = 'queued' ORDER BY "createdAt", id LIMIT 1 FOR UPDATE SKIP LOCKED
      )
      RETURNING id`
    return claimed?.id ?? null
  })
}

/** Who watches a build that waits learns that it has moved up. */
export async function tellWaitingBuilds(): Promise<void> {
  const waiting = await db().build.findMany({ where: { status: 'queued' }, select: { id: true }, take: MAX_TOLD })
  publishLive(...waiting.map(({ id }) => `build:${id}` as const))
}

/** Says that these builds are still being worked on, and learns which of them are to end. A lost one is missing. */
export async function renewClaims(
  builderId: string,
  buildIds: string[],
): Promise<Map<string, 'building' | 'cancelled'>> {
  if (buildIds.length === 0) return new Map()
  const rows = await db().$queryRaw<{ id: string; isCancelled: boolean }[]>`
    UPDATE "Build" SET "heartbeatAt" = now()
    WHERE id = ANY(${buildIds}::uuid[]) AND "claimedBy" = ${builderId} AND status = 'in_progress'
    RETURNING id, "cancelRequestedAt" IS NOT NULL AS "isCancelled"`
  return new Map(rows.map(({ id, isCancelled }) => [id, isCancelled ? 'cancelled' : 'building']))
}

/** Marks the builds whose process is gone as failed. Any process may do so for any other. */
export async function failAbandonedBuilds(): Promise<{ id: string; algorithmId: string }[]> {
  return db().$queryRaw<{ id: string; algorithmId: string }[]>`
    UPDATE "Build"
    SET status = (CASE WHEN "cancelRequestedAt" IS NULL THEN 'failed' ELSE 'cancelled' END)::"BuildStatus",
        "finishedAt" = now(), error = ${ABANDONED}
    WHERE status = 'in_progress'
      AND ("heartbeatAt" IS NULL OR "heartbeatAt" < now() - make_interval(secs => ${CLAIM_SECONDS}))
    RETURNING id, "algorithmId"`
}
