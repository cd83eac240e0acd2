import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { filterOf } from '@/lib/executions/list'
import { Prisma } from '@/lib/generated/prisma/client'
import type { QueueJobPlace } from '@/lib/generated/prisma/enums'
import { publishLive } from '@/lib/live/bus'
import { findToolFlow, type ToolFlow } from '../access'
import type { JobRequest } from '../jobs/schema'
import { StartPurge, StartReplay, StartResubmit } from '../schema'

/** Begins to send dead letters to their queue again, in the background. Throws `conflict` while another job does. */
export async function startResubmit(ctx: Context, input: StartResubmit): Promise<{ jobId: string }> {
  const { flowId, ...request } = StartResubmit.parse(input)
  const flow = await findToolFlow(ctx, flowId)
  return createJob(ctx, flow, 'dead_letter', { kind: 'resubmit', ...request })
}

/** Begins to remove messages for good. Throws `conflict` while another job works on the same queue. */
export async function startPurge(ctx: Context, input: StartPurge): Promise<{ jobId: string }> {
  const { flowId, word: _, ...request } = StartPurge.parse(input)
  const flow = await findToolFlow(ctx, flowId)
  return createJob(ctx, flow, request.place, { kind: 'purge', ...request })
}

/** Begins to run inputs of past executions again, those that the view shows. */
export async function startReplay(ctx: Context, input: StartReplay): Promise<{ jobId: string }> {
  const { flowId, version, view } = StartReplay.parse(input)
  const flow = await findToolFlow(ctx, flowId)
  const before = new Date().toISOString()
  return createJob(ctx, flow, 'executions', { kind: 'replay', filter: filterOf(view), version, before })
}

async function createJob(
  ctx: Context,
  flow: ToolFlow,
  place: QueueJobPlace,
  request: JobRequest,
): Promise<{ jobId: string }> {
  const job = await db()
    .$transaction(async (tx) => {
      const created = await tx.queueJob.create({
        data: { flowId: flow.id, kind: request.kind, place, request, requestedBy: ctx.actor.name },
        select: { id: true },
      })
      await recordAudit(tx, ctx, {
        action: `queue.${request.kind}`,
        targetKind: 'event-flow',
        targetName: flow.address.queueName,
        accountId: flow.ownerId,
        details: { namespaceHost: flow.namespaceHost, jobId: created.id, request },
      })
      return created
    })
    .catch((error: unknown) => {
      throw isSecondJob(error) ? secondJob() : error
    })
  publishLive(`flow:${flow.id}`)
  return { jobId: job.id }
}

const isSecondJob = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'

function secondJob(): AppError {
  const text = 'Another job works through the same messages, or is paused. Wait for its end or cancel it under Jobs.'
  return new AppError('conflict', text)
}
