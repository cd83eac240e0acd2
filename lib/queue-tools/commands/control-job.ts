import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { editableFlows } from '@/lib/event-flows/access'
import type { QueueJobState } from '@/lib/generated/prisma/enums'
import { publishLive } from '@/lib/live/bus'
import { JobRef } from '../schema'

/** Lets the job rest where it is, until it is resumed. What is in hand at this moment is ended. */
export async function pauseJob(ctx: Context, input: JobRef): Promise<void> {
  await change(ctx, input, { verb: 'pause', from: ['waiting', 'running'], to: 'paused', note: 'Paused by' })
}

export async function resumeJob(ctx: Context, input: JobRef): Promise<void> {
  await change(ctx, input, { verb: 'resume', from: ['paused'], to: 'waiting', note: '' })
}

/** Ends the job for good; what was done stays done, the rest stays where it is. */
export async function cancelJob(ctx: Context, input: JobRef): Promise<void> {
  await change(ctx, input, {
    verb: 'cancel',
    from: ['waiting', 'running', 'paused'],
    to: 'canceled',
    note: 'Canceled by',
  })
}

type Change = { verb: 'pause' | 'resume' | 'cancel'; from: QueueJobState[]; to: QueueJobState; note: string }

async function change(ctx: Context, input: JobRef, { verb, from, to, note }: Change): Promise<void> {
  const { id } = JobRef.parse(input)
  const scope = { id, flow: await editableFlows(ctx) }
  const job = await db().queueJob.findFirst({
    where: scope,
    select: { flowId: true, kind: true, flow: { select: { queueName: true, ownerId: true } } },
  })
  if (!job) throw notFound('job')
  await db().$transaction(async (tx) => {
    const { count } = await tx.queueJob.updateMany({
      where: { ...scope, state: { in: from } },
      data: {
        state: to,
        note: note && `${note} ${ctx.actor.name}.`,
        ...(to === 'canceled' && { finishedAt: new Date() }),
      },
    })
    if (count === 0) throw new AppError('conflict', `The job is not in a state to ${verb}. Look at the page again.`)
    await recordAudit(tx, ctx, {
      action: `queue-job.${verb}`,
      targetKind: 'event-flow',
      targetName: job.flow.queueName,
      accountId: job.flow.ownerId,
      details: { jobId: id, kind: job.kind },
    })
  })
  publishLive(`flow:${job.flowId}`)
}
