import { randomUUID } from 'node:crypto'
import { db } from '@/lib/db'
import { readFault } from '@/lib/engine/broker/fault'
import { storable } from '@/lib/executions/record'
import type { QueueTools, TakenMessage } from '../broker/port'
import { collectTargets } from './collect-targets'
import { type ClaimedJob, keepJob, noteProgress } from './lease'
import type { JobRequest } from './schema'
import { takeWanted } from './take-wanted'

type ResubmitRequest = Extract<JobRequest, { kind: 'resubmit' }>

/** How often what was sent but could not be completed is met again. */
const ROUNDS = 3

/** How a job's work ended. `stopped`: somebody paused or canceled it, or the process ends. */
export type JobEnd = 'done' | 'stopped'

/**
 * Sends dead letters to their queue again: each is noted, sent, confirmed, noted, and only then completed. After a
 * crash a message whose copy was confirmed is completed without being sent again; one of which nobody knows whether
 * the broker took the copy is left where it is, and the job says so.
 */
export async function runResubmit(
  job: ClaimedJob,
  request: ResubmitRequest,
  tools: QueueTools,
  stopping: AbortSignal,
): Promise<JobEnd> {
  await leaveDoubtful(job)
  const first = await collectTargets(tools, 'dead_letter', request)
  const bounded = { ...request, upTo: request.upTo ?? String(first.last ?? 0n) }
  if (job.total === null) {
    // The bound is kept with the job: what fails again and comes back is not sent a second time.
    await noteProgress(job, { total: first.all.numbers.size, request: bounded })
  }
  for (let round = 0; round < ROUNDS; round++) {
    const targets = round === 0 ? first : await collectTargets(tools, 'dead_letter', bounded)
    const settled = await keysInState(job, ['failed', 'in_doubt'])
    const sent = await keysInState(job, ['sent'])
    for (const key of settled) targets.all.numbers.delete(BigInt(key))
    if (targets.all.numbers.size === 0) break
    for await (const batch of takeWanted(tools, 'dead_letter', targets)) {
      if (stopping.aborted || !(await keepJob(job))) {
        await Promise.allSettled(batch.map((message) => message.abandon()))
        return 'stopped'
      }
      await resubmitBatch(job, request, tools, batch, sent)
    }
  }
  await accountForSent(job, tools, bounded)
  return 'done'
}

/** A copy was confirmed, but nobody noted that its dead letter was removed: look whether it was. */
async function accountForSent(job: ClaimedJob, tools: QueueTools, request: ResubmitRequest): Promise<void> {
  const sent = [...(await keysInState(job, ['sent']))]
  if (sent.length === 0) return
  const { all } = await collectTargets(tools, 'dead_letter', { ...request, sequenceNumbers: sent })
  const gone = sent.filter((key) => !all.numbers.has(BigInt(key)))
  const left = sent.filter((key) => all.numbers.has(BigInt(key)))
  const note = 'The copy is on the queue, but the dead letter could not be removed. Purge it; do not send it again.'
  await noteProgress(job, { doneCount: { increment: gone.length }, failedCount: { increment: left.length } }, [
    db().queueJobItem.deleteMany({ where: { jobId: job.id, itemKey: { in: gone } } }),
    db().queueJobItem.updateMany({ where: { jobId: job.id, itemKey: { in: left } }, data: { state: 'failed', note } }),
  ])
}

/** What an earlier process was about to send when it ended: it may have been sent. */
async function leaveDoubtful(job: ClaimedJob): Promise<void> {
  const note = 'The server stopped while this was sent. A copy may be on the queue; the dead letter was left in place.'
  const { count } = await db().queueJobItem.updateMany({
    where: { jobId: job.id, state: 'sending' },
    data: { state: 'in_doubt', note },
  })
  if (count > 0) await noteProgress(job, { failedCount: { increment: count } })
}

async function keysInState(job: ClaimedJob, states: ('failed' | 'in_doubt' | 'sent')[]): Promise<Set<string>> {
  const items = await db().queueJobItem.findMany({
    where: { jobId: job.id, state: { in: states } },
    select: { itemKey: true },
  })
  return new Set(items.map(({ itemKey }) => itemKey))
}

const keyOf = ({ sequenceNumber }: TakenMessage): string => String(sequenceNumber)

async function resubmitBatch(
  job: ClaimedJob,
  { keepMessageId }: ResubmitRequest,
  tools: QueueTools,
  batch: TakenMessage[],
  alreadySent: Set<string>,
): Promise<void> {
  const fresh = batch.filter((message) => !alreadySent.has(keyOf(message)))
  const messageIds = new Map(fresh.map((message) => [keyOf(message), keepMessageId ? undefined : randomUUID()]))
  await db().queueJobItem.createMany({
    data: fresh.map((message) => ({
      jobId: job.id,
      itemKey: keyOf(message),
      state: 'sending' as const,
      messageId: message.messageId === null ? null : storable(message.messageId),
    })),
    skipDuplicates: true,
  })
  const sends = await Promise.allSettled(
    fresh.map((message) => {
      const messageId = messageIds.get(keyOf(message))
      return tools.sendCopy(message, messageId === undefined ? {} : { messageId })
    }),
  )
  const accepted = fresh.filter((_, position) => sends[position]?.status === 'fulfilled')
  await setState(job, accepted, 'sent')
  for (const message of accepted) alreadySent.add(keyOf(message))
  const refused = fresh.flatMap((message, position) => {
    const send = sends[position]
    return send?.status === 'rejected' ? [{ message, error: send.reason }] : []
  })
  await giveBack(job, refused)
  await complete(
    job,
    batch.filter((message) => alreadySent.has(keyOf(message))),
  )
  const broken = refused.find(({ error }) => isAboutConnection(error))
  if (broken) throw broken.error
}

async function setState(job: ClaimedJob, messages: TakenMessage[], state: 'sent'): Promise<void> {
  await db().queueJobItem.updateMany({
    where: { jobId: job.id, itemKey: { in: messages.map(keyOf) } },
    data: { state },
  })
}

async function giveBack(job: ClaimedJob, refused: { message: TakenMessage; error: unknown }[]): Promise<void> {
  if (refused.length === 0) return
  await Promise.allSettled(refused.map(({ message }) => message.abandon()))
  const updates = refused.map(({ message, error }) => {
    const { kind, detail } = readFault(error)
    const data = isAboutConnection(error)
      ? { state: 'in_doubt' as const, note: `The broker did not confirm the copy (${detail}). It may be on the queue.` }
      : {
          state: 'failed' as const,
          note: kind === 'message_too_large' ? 'The queue takes no message so large.' : detail,
        }
    return db().queueJobItem.updateMany({
      where: { jobId: job.id, itemKey: keyOf(message) },
      data: { ...data, note: storable(data.note) },
    })
  })
  await noteProgress(job, { failedCount: { increment: refused.length } }, updates)
}

/** One whose lock was lost comes again: then it is completed without being sent again. */
async function complete(job: ClaimedJob, messages: TakenMessage[]): Promise<void> {
  const answers = await Promise.allSettled(messages.map((message) => message.complete()))
  const completed = messages.filter((_, position) => answers[position]?.status === 'fulfilled')
  await noteProgress(job, { doneCount: { increment: completed.length } }, [
    db().queueJobItem.deleteMany({ where: { jobId: job.id, itemKey: { in: completed.map(keyOf) } } }),
  ])
}

/** Then nobody knows whether the broker has taken the message. */
function isAboutConnection(error: unknown): boolean {
  return ['unreachable', 'no_answer', 'aborted', 'unknown', 'tls_mismatch'].includes(readFault(error).kind)
}
