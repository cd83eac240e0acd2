import { randomUUID } from 'node:crypto'
import { db } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { QueueJobState } from '@/lib/generated/prisma/enums'
import { publishLive } from '@/lib/live/bus'
import { JobRequest } from './schema'

export const LEASE_SECONDS = 20

/** A job that this process works on. */
export type ClaimedJob = {
  id: string
  flowId: string
  requestedBy: string
  request: JobRequest
  /** Null when nobody has counted yet. */
  total: number | null
  cursor: string | null
  token: string
}

/** Takes the oldest job that nobody works on. By the database's clock, so that no two processes hold one at a time. */
export async function claimJob(): Promise<ClaimedJob | null> {
  const token = randomUUID()
  const [claimed] = await db().$queryRaw<{ id: string }[]>`
    UPDATE "QueueJob" SET state = 'running', "leaseToken" = ${token}::uuid,
      "leaseUntil" = now() + make_interval(secs => ${LEASE_SECONDS}), "startedAt" = coalesce("startedAt", now())
    WHERE id = (
      SELECT id FROM "QueueJob"
      WHERE state IN ('waiting', 'running') AND ("leaseUntil" IS NULL OR "leaseUntil" < now())
      ORDER BY "createdAt" LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id`
  if (!claimed) return null
  const { id, flowId, requestedBy, request, total, cursor } = await db().queueJob.findUniqueOrThrow({
    where: { id: claimed.id },
  })
  publishLive(`flow:${flowId}`)
  return { id, flowId, requestedBy, request: JobRequest.parse(request), total, cursor, token }
}

/** Whether the job is still ours to work on; then its lease begins anew. False when it was paused or canceled. */
export async function keepJob({ id, token }: ClaimedJob): Promise<boolean> {
  const count = await db().$executeRaw`
    UPDATE "QueueJob" SET "leaseUntil" = now() + make_interval(secs => ${LEASE_SECONDS})
    WHERE id = ${id}::uuid AND "leaseToken" = ${token}::uuid AND state = 'running'`
  return count > 0
}

/** Writes what was learnt or done; also when the job was paused meanwhile: what is done is done. */
export async function noteProgress(
  { id, flowId, token }: ClaimedJob,
  data: Prisma.QueueJobUpdateManyMutationInput,
  also: Prisma.PrismaPromise<unknown>[] = [],
): Promise<void> {
  await db().$transaction([db().queueJob.updateMany({ where: { id, leaseToken: token }, data }), ...also])
  publishLive(`flow:${flowId}`)
}

/** Ends our work on the job. A job that a person paused or canceled meanwhile stays so. */
export async function endJob(
  { id, flowId, token }: ClaimedJob,
  end: { state: Extract<QueueJobState, 'finished' | 'failed' | 'paused'>; note: string } | null,
): Promise<void> {
  if (end) {
    await db().queueJob.updateMany({
      where: { id, leaseToken: token, state: 'running' },
      data: { ...end, ...(end.state !== 'paused' && { finishedAt: new Date() }) },
    })
  }
  await db().queueJob.updateMany({ where: { id, leaseToken: token }, data: { leaseToken: null, leaseUntil: null } })
  publishLive(`flow:${flowId}`)
}
