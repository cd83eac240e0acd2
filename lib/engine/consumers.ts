import { z } from 'zod'
import { db } from '@/lib/db'
import { ConsumerState } from '@/lib/generated/prisma/enums'
import { type ConsumerStatus, currentEngine } from './current'

/** What an engine writes about a consumer (snapshot-log.ts); of another release it may lack something, and is left out. */
const Snapshot = z.object({
  flowId: z.string(),
  ownerId: z.string(),
  algorithmId: z.string(),
  queueName: z.string(),
  namespaceHost: z.string(),
  state: z.enum(ConsumerState),
  reason: z.string(),
  changedAt: z.coerce.date(),
  nextTryAt: z.coerce.date().nullable(),
  semanticVersion: z.string().nullable(),
  inFlight: z.array(
    z.looseObject({
      executionId: z.string(),
      messageId: z.string().nullable(),
      sequenceNumber: z.string(),
      attempt: z.number(),
      stage: z.enum(['running', 'recording', 'held']),
      receivedAt: z.coerce.date(),
      lockedUntil: z.coerce.date(),
    }),
  ),
})

/** One engine that lives, this process's own included. */
export type LiveEngine = { id: string; hostName: string; pid: number; isStopping: boolean; flowCount: number }

/** Consumers of all live engines, or those of `flowIds`: this process's as they are now, others' a second old. */
export async function readConsumers(flowIds?: string[]): Promise<ConsumerStatus[]> {
  const local = currentEngine().status()
  const known = new Set(local.map(({ flowId }) => flowId))
  const wanted = flowIds?.filter((id) => !known.has(id))
  const remote = wanted?.length === 0 ? [] : await readSnapshots(wanted)
  const isWanted = flowIds && new Set(flowIds)
  return [
    ...local.filter(({ flowId }) => isWanted?.has(flowId) ?? true),
    ...remote.filter(({ flowId }) => !known.has(flowId)),
  ]
}

/** Those of `flowIds` that a live engine has. */
export async function findOwnedFlows(flowIds: string[]): Promise<Set<string>> {
  const rows = await db().$queryRaw<{ flowId: string }[]>`
    SELECT l."flowId" FROM "FlowLease" l JOIN "Engine" e ON e.id = l."engineId" AND e."expiresAt" > now()
    WHERE l."flowId" = ANY(${flowIds}::uuid[])`
  return new Set(rows.map(({ flowId }) => flowId))
}

export async function readEngines(): Promise<LiveEngine[]> {
  return db().$queryRaw<LiveEngine[]>`
    SELECT e.id, e."hostName", e.pid, e."isStopping", count(l."flowId")::int AS "flowCount"
    FROM "Engine" e LEFT JOIN "FlowLease" l ON l."engineId" = e.id
    WHERE e."expiresAt" > now() GROUP BY e.id ORDER BY e."startedAt"`
}

async function readSnapshots(flowIds?: string[]): Promise<ConsumerStatus[]> {
  const rows = await db().$queryRaw<{ status: unknown }[]>`
    SELECT s.status FROM "FlowSnapshot" s
    JOIN "FlowLease" l ON l."flowId" = s."flowId" AND l."engineId" = s."engineId"
    JOIN "Engine" e ON e.id = s."engineId" AND e."expiresAt" > now()
    WHERE ${flowIds === undefined} OR s."flowId" = ANY(${flowIds ?? []}::uuid[])`
  return rows.flatMap(({ status }) => {
    const snapshot = Snapshot.safeParse(status)
    return snapshot.success ? [snapshot.data] : []
  })
}
