import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { messageOf, REPLAYABLE, resolveVersion } from '@/lib/executions/commands/replay-execution'
import { runAgain } from '@/lib/executions/commands/run-again'
import { columnConditions, textCondition } from '@/lib/executions/list'
import { readInput } from '@/lib/executions/payloads'
import { Prisma } from '@/lib/generated/prisma/client'
import type { ResolvedVersion } from '@/lib/versions/resolve'
import type { ToolFlow } from '../access'
import { type ClaimedJob, keepJob, noteProgress } from './lease'
import type { JobEnd } from './resubmit'
import type { JobRequest } from './schema'

type ReplayRequest = Extract<JobRequest, { kind: 'replay' }>

const PAGE = 20
const AT_ONCE = 4

/**
 * Runs the inputs of past executions again, the oldest first. What was finished before a restart is not run again; of
 * what was in work then, the earlier run's execution says that it was cut short.
 */
export async function runReplay(
  job: ClaimedJob,
  request: ReplayRequest,
  flow: ToolFlow,
  stopping: AbortSignal,
): Promise<JobEnd> {
  const wanted = { callerId: flow.ownerId, algorithmId: flow.algorithmId }
  const resolved = await resolveVersion(wanted, request.version || flow.versionSelector)
  const conditions = await conditionsOf(flow, request)
  if (job.total === null) {
    const total = conditions ? await countMatches(conditions) : 0
    await noteProgress(job, { total })
  }
  if (!conditions) return 'done'
  for (let cursor = job.cursor; ; ) {
    const ids = await nextIds(conditions, cursor)
    const last = ids.at(-1)
    if (!last) return 'done'
    const waiting = await withoutDone(job, ids)
    const work = async () => {
      for (let id = waiting.shift(); id; id = waiting.shift()) {
        if (stopping.aborted || !(await keepJob(job))) return
        await replayOne({ job, flow, resolved, stopping }, id)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (stopping.aborted || !(await keepJob(job))) return 'stopped'
    cursor = last
    await noteProgress(job, { cursor })
  }
}

async function conditionsOf(flow: ToolFlow, { filter, before }: ReplayRequest): Promise<Prisma.Sql[] | null> {
  const columns = await columnConditions(flow, filter)
  if (!columns) return null
  columns.push(Prisma.sql`e."startedAt" < ${new Date(before)}`, Prisma.sql`e.status <> 'running'`)
  // Replays of replays would grow with each job, unless they are asked for.
  if (!filter.source) columns.push(Prisma.sql`e.source = 'flow'`)
  if (filter.text) columns.push(textCondition(filter.text))
  return columns
}

async function countMatches(conditions: Prisma.Sql[]): Promise<number> {
  const [row] = await db().$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM "Execution" e WHERE ${Prisma.join(conditions, ' AND ')}`
  return row?.count ?? 0
}

/** Ids are made in the order of time, so they are the cursor. */
async function nextIds(conditions: Prisma.Sql[], cursor: string | null): Promise<string[]> {
  const after = cursor ? [...conditions, Prisma.sql`e.id > ${cursor}::uuid`] : conditions
  const rows = await db().$queryRaw<{ id: string }[]>`
    SELECT e.id FROM "Execution" e WHERE ${Prisma.join(after, ' AND ')} ORDER BY e.id LIMIT ${PAGE}`
  return rows.map(({ id }) => id)
}

async function withoutDone(job: ClaimedJob, ids: string[]): Promise<string[]> {
  const done = await db().execution.findMany({
    where: { replayOfId: { in: ids }, queueJobId: job.id, status: { in: ['succeeded', 'failed'] } },
    select: { replayOfId: true },
  })
  const finished = new Set(done.map(({ replayOfId }) => replayOfId))
  const refused = await db().queueJobItem.findMany({
    where: { jobId: job.id, itemKey: { in: ids } },
    select: { itemKey: true },
  })
  for (const { itemKey } of refused) finished.add(itemKey)
  return ids.filter((id) => !finished.has(id))
}

type ReplayParts = { job: ClaimedJob; flow: ToolFlow; resolved: ResolvedVersion; stopping: AbortSignal }

async function replayOne({ job, flow, resolved, stopping }: ReplayParts, id: string): Promise<void> {
  const execution = await db().execution.findUnique({ where: { id }, select: REPLAYABLE })
  if (!execution) return
  try {
    const run = await runAgain({
      source: 'replay',
      resolved,
      input: await readInput(execution),
      timeoutMs: flow.timeoutMs,
      callerId: flow.ownerId,
      flowId: flow.id,
      ...messageOf(execution),
      replayOfId: id,
      queueJobId: job.id,
      signal: stopping,
    })
    const { ok } = await run.done
    // What the stop has cut short is run again by who goes on.
    if (stopping.aborted && !ok) return
    await noteProgress(job, ok ? { doneCount: { increment: 1 } } : { failedCount: { increment: 1 } })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    await noteProgress(job, { failedCount: { increment: 1 } }, [
      db().queueJobItem.create({ data: { jobId: job.id, itemKey: id, state: 'failed', note: error.message } }),
    ])
  }
}
