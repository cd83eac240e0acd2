import os from 'node:os'
import { type Db, db } from '@/lib/db'
import { newExecutionId } from '@/lib/executions/id'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { LeaseMark } from './lease'

/** What an engine must know to find its share. */
export type LeaseView = {
  /** Engines that are alive and take flows. */
  engineIds: string[]
  flowCount: number
  /** Flows that no engine has. */
  freeCount: number
  /** Differs when any flow, algorithm or version has changed in what consumers need. */
  mark: string
}

/**
 * The tables Engine and FlowLease. Times are the database's alone: no engine's clock decides who is alive. An expired
 * engine is deleted by whoever sees it, so a late heartbeat finds either its row, and then all its leases, or nothing.
 */
export async function registerEngine(leaseMs: number): Promise<string> {
  const [row] = await db().$queryRaw<{ id: string }[]>`
    INSERT INTO "Engine" (id, "hostName", pid, "expiresAt")
    VALUES (${newExecutionId()}::uuid, ${os.hostname()}, ${process.pid}, now() + ${leaseMs} * interval '1 ms')
    RETURNING id`
  if (!row) throw new Error('the engine could not be registered')
  return row.id
}

/** False when another engine has found this one expired: its leases are gone. */
export async function renewEngine(id: string, leaseMs: number): Promise<boolean> {
  const count = await db().$executeRaw`
    UPDATE "Engine" SET "expiresAt" = now() + ${leaseMs} * interval '1 ms' WHERE id = ${id}::uuid`
  return count === 1
}

/** From now on the others share this engine's flows among themselves, as it lets go of them. */
export async function markEngineStopping(id: string): Promise<void> {
  await db().engine.updateMany({ where: { id }, data: { isStopping: true } })
}

/** Frees what the engine still has. */
export async function removeEngine(id: string): Promise<void> {
  await db().$transaction([
    db().flowSnapshot.deleteMany({ where: { engineId: id } }),
    db().engine.deleteMany({ where: { id } }),
  ])
}

/** Deletes engines that are dead: their flows are free. */
export async function reapEngines(): Promise<void> {
  await db().$executeRaw`
    WITH dead AS (DELETE FROM "Engine" WHERE "expiresAt" < now() RETURNING id)
    DELETE FROM "FlowSnapshot" WHERE "engineId" IN (SELECT id FROM dead)`
}

/** One cheap statement a pass, however many flows there are. */
export async function viewLeases(): Promise<LeaseView> {
  const [row] = await db().$queryRaw<LeaseView[]>`
    SELECT
      (SELECT coalesce(json_agg(id), '[]') FROM "Engine" WHERE NOT "isStopping") AS "engineIds",
      count(*)::int AS "flowCount",
      (count(*) FILTER (WHERE l."engineId" IS NULL))::int AS "freeCount",
      concat_ws(' ', sum(hashtextextended(concat(f.id, f.intent), f.revision)),
        (SELECT concat(count(*), ' ', max("createdAt")) FROM "Version"),
        (SELECT concat(count(*), ' ', max("updatedAt")) FROM "Algorithm")) AS mark
    FROM "EventFlow" f LEFT JOIN "FlowLease" l ON l."flowId" = f.id`
  if (!row) throw new Error('the leases could not be read')
  return row
}

/** Takes up to `count` free flows. Other engines that do the same take others. */
export async function acquireLeases(engineId: string, count: number): Promise<LeaseMark[]> {
  await db().$executeRaw`
    INSERT INTO "FlowLease" ("flowId")
    SELECT id FROM "EventFlow" f WHERE NOT EXISTS (SELECT 1 FROM "FlowLease" l WHERE l."flowId" = f.id)
    ON CONFLICT DO NOTHING`
  const taken = await db().$queryRaw<{ flowId: string; fence: number }[]>`
    UPDATE "FlowLease" SET "engineId" = ${engineId}::uuid, fence = fence + 1
    WHERE "flowId" IN (
      SELECT "flowId" FROM "FlowLease" WHERE "engineId" IS NULL ORDER BY "flowId" LIMIT ${count} FOR UPDATE SKIP LOCKED
    )
    RETURNING "flowId", fence`
  return taken.map((lease) => ({ ...lease, engineId }))
}

/** Lets go of those flows that are still ours. */
export async function releaseLeases(marks: LeaseMark[]): Promise<void> {
  const flowIds = marks.map(({ flowId }) => flowId)
  const engineIds = marks.map(({ engineId }) => engineId)
  const fences = marks.map(({ fence }) => fence)
  await db().$executeRaw`
    WITH given AS (
      UPDATE "FlowLease" l SET "engineId" = NULL
      FROM unnest(${flowIds}::uuid[], ${engineIds}::uuid[], ${fences}::int[]) AS w("flowId", "engineId", fence)
      WHERE l."flowId" = w."flowId" AND l."engineId" = w."engineId" AND l.fence = w.fence
      RETURNING l."flowId"
    )
    DELETE FROM "FlowSnapshot" WHERE "flowId" IN (SELECT "flowId" FROM given)`
}

/**
 * Those of `marks` that hold no more, and keeps the others held until the transaction ends: nobody can take a flow
 * between this answer and the commit. A flow that was deleted has no lease, and no other owner.
 */
export async function findLapsed(tx: Db | Prisma.TransactionClient, marks: LeaseMark[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ flowId: string; fence: number; isOurs: boolean }[]>`
    SELECT w."flowId", w.fence, l."engineId" IS NOT DISTINCT FROM w."engineId" AND l.fence = w.fence AS "isOurs"
    FROM unnest(
      ${marks.map(({ flowId }) => flowId)}::uuid[],
      ${marks.map(({ engineId }) => engineId)}::uuid[],
      ${marks.map(({ fence }) => fence)}::int[]
    ) AS w("flowId", "engineId", fence)
    JOIN "FlowLease" l ON l."flowId" = w."flowId"
    FOR SHARE OF l`
  return new Set(rows.filter(({ isOurs }) => !isOurs).map(nameOfLease))
}

export const nameOfLease = ({ flowId, fence }: Pick<LeaseMark, 'flowId' | 'fence'>): string => `${flowId} ${fence}`
