import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { visibleFlows } from '@/lib/event-flows/access'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { QueueJobItemState, QueueJobKind, QueueJobPlace, QueueJobState } from '@/lib/generated/prisma/enums'
import { JobRequest } from './schema'

const JOBS_SHOWN = 50
const ITEMS_SHOWN = 100

/** A job as a list shows it; plain values. */
export type JobRow = {
  id: string
  kind: QueueJobKind
  place: QueueJobPlace
  state: QueueJobState
  requestedBy: string
  /** What it works through, in words. */
  what: string
  /** Null until it has counted. */
  total: number | null
  doneCount: number
  failedCount: number
  note: string
  createdAt: Date
  finishedAt: Date | null
}

/** One message or execution of a job that a person should look at. */
export type JobItem = { itemKey: string; state: QueueJobItemState; messageId: string | null; note: string }

export type JobDetail = JobRow & { startedAt: Date | null; items: JobItem[]; hasMoreItems: boolean }

const ROW = {
  id: true,
  kind: true,
  place: true,
  state: true,
  requestedBy: true,
  request: true,
  total: true,
  doneCount: true,
  failedCount: true,
  note: true,
  createdAt: true,
  finishedAt: true,
} satisfies Prisma.QueueJobSelect

/** A flow's jobs, the newest first. Throws `not_found` for another account's flow. */
export async function listJobs(ctx: Context, { flowId }: { flowId: string }): Promise<JobRow[]> {
  const flow = await db().eventFlow.findFirst({
    where: { AND: [await visibleFlows(ctx), { id: flowId }] },
    select: { queueJobs: { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: JOBS_SHOWN, select: ROW } },
  })
  if (!flow) throw notFound('event flow')
  return flow.queueJobs.map(rowOf)
}

/** One job with what of it needs a look. Throws `not_found` for another account's. */
export async function getJob(ctx: Context, { flowId, jobId }: { flowId: string; jobId: string }): Promise<JobDetail> {
  const job = await db().queueJob.findFirst({
    where: { id: jobId, flowId, flow: await visibleFlows(ctx) },
    select: {
      ...ROW,
      startedAt: true,
      items: {
        where: { state: { in: ['failed', 'in_doubt'] } },
        orderBy: { itemKey: 'asc' },
        take: ITEMS_SHOWN + 1,
        select: { itemKey: true, state: true, messageId: true, note: true },
      },
    },
  })
  if (!job) throw notFound('job')
  const { items, startedAt, ...row } = job
  return { ...rowOf(row), startedAt, items: items.slice(0, ITEMS_SHOWN), hasMoreItems: items.length > ITEMS_SHOWN }
}

function rowOf({ request, ...row }: Prisma.QueueJobGetPayload<{ select: typeof ROW }>): JobRow {
  return { ...row, what: describe(JobRequest.parse(request)) }
}

function describe(request: JobRequest): string {
  if (request.kind === 'replay') {
    const { status, version, from, text } = request.filter
    const parts = [status, version && `version ${version}`, from && `since ${from}`, text && `with “${text}”`]
    return `executions ${parts.filter(Boolean).join(', ') || 'of all deliveries'}, on ${request.version || 'the version of the flow'}`
  }
  const noun = request.kind === 'purge' && request.place === 'queue' ? 'messages of the queue' : 'dead letters'
  const { sequenceNumbers, filter } = request
  if (sequenceNumbers) return `${sequenceNumbers.length} chosen ${noun}`
  const parts = [filter?.reason && `reason ${filter.reason}`, filter?.text && `with “${filter.text}”`].filter(Boolean)
  return parts.length > 0 ? `${noun}: ${parts.join(', ')}` : `all ${noun}`
}
