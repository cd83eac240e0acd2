import { managedAccountIds } from '@/lib/algorithms/access'
import { recordAudit } from '@/lib/audit/commands'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { AppError, notFound } from '@/lib/errors'
import { editableFlows } from '@/lib/event-flows/access'
import { DEFAULT_TIMEOUT_SECONDS } from '@/lib/event-flows/words'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { CallContext } from '@/lib/runtime/port'
import { type ResolvedVersion, resolveForFlow } from '@/lib/versions/resolve'
import { visibleExecutions } from '../access'
import { readInput } from '../payloads'
import { ReplayExecution } from '../schema'
import { type MessageColumns, runAgain } from './run-again'

/**
 * Runs the input of an execution again, on a version of choice (blank: what its flow runs, or the newest published).
 * Nothing is settled and nothing is written to an output collection. Resolves when the run has begun.
 * Throws `forbidden` for who sees the execution but may not manage it, and `unavailable` when its input is not whole.
 */
export async function replayExecution(ctx: Context, input: ReplayExecution): Promise<{ executionId: string }> {
  const { id, version } = ReplayExecution.parse(input)
  const execution = await findReplayable(ctx, id)
  const resolved = await resolveVersion(execution, version || execution.flow?.versionSelector || null)
  const payload = await readInput(execution)
  const run = await runAgain({
    source: 'replay',
    resolved,
    // A run that ended without an answer has left open whether its message is JSON.
    input: payload.type === 'json' && execution.sequenceNumber !== null ? { ...payload, isGuess: true } : payload,
    timeoutMs: (execution.flow?.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000,
    callerId: execution.callerId,
    flowId: execution.flowId,
    ...messageOf(execution),
    replayOfId: id,
  })
  await db().$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: 'execution.replay',
      targetKind: 'execution',
      targetName: id,
      accountId: execution.callerId,
      details: { replayId: run.executionId, version: resolved.semanticVersion ?? resolved.runnable.commitSha },
    }),
  )
  return { executionId: run.executionId }
}

export const REPLAYABLE = {
  id: true,
  algorithmId: true,
  callerId: true,
  flowId: true,
  messageId: true,
  sequenceNumber: true,
  enqueuedAt: true,
  deliveryCount: true,
  sessionId: true,
  correlationId: true,
  messageContentType: true,
  applicationProperties: true,
  inputType: true,
  inputPreview: true,
  inputBytes: true,
  flow: { select: { versionSelector: true, timeoutSeconds: true } },
} satisfies Prisma.ExecutionSelect

type Replayable = Prisma.ExecutionGetPayload<{ select: typeof REPLAYABLE }>

async function findReplayable(ctx: Context, id: string): Promise<Replayable> {
  const managed = await replayableExecutions(ctx)
  const execution = await db().execution.findFirst({ where: { AND: [managed, { id }] }, select: REPLAYABLE })
  if (execution) return execution
  const isVisible = await db().execution.findFirst({
    where: { AND: [await visibleExecutions(ctx), { id }] },
    select: { id: true },
  })
  if (isVisible) throw new AppError('forbidden', 'Only who may manage this event flow can replay its executions.')
  throw notFound('execution')
}

/** Those whose input the actor may run again: of flows that it manages, and what it called itself. */
export async function replayableExecutions(ctx: Context): Promise<Prisma.ExecutionWhereInput> {
  const own = { flowId: null, callerId: { in: await managedAccountIds(ctx) } }
  return { OR: [{ flow: await editableFlows(ctx) }, own] }
}

/** Throws `not_found` with the field `version`. */
export async function resolveVersion(
  { callerId, algorithmId }: { callerId: string; algorithmId: string },
  version: string | null,
): Promise<ResolvedVersion> {
  const resolved = await resolveForFlow(callerId, algorithmId, version)
  if (resolved) return resolved
  const text = version ? `There is no version ${version} that can run.` : 'There is no published version yet.'
  throw new AppError('not_found', text, { fields: { version: text } })
}

/** What names the message of an execution, for a replay's row, and what the algorithm learns of it. */
export function messageOf(execution: Replayable): { message: MessageColumns; context: CallContext } {
  const { messageId, sequenceNumber, enqueuedAt, sessionId, correlationId, messageContentType } = execution
  const properties = (execution.applicationProperties ?? {}) as Record<string, string | number | boolean | null>
  const deliveryCount = execution.deliveryCount ?? 1
  const message = { messageId, sequenceNumber, enqueuedAt, sessionId, correlationId, messageContentType }
  if (sequenceNumber === null) return { message, context: { message: null } }
  return {
    message: { ...message, applicationProperties: properties },
    context: {
      message: {
        message_id: messageId,
        session_id: sessionId,
        correlation_id: correlationId,
        content_type: messageContentType,
        sequence_number: String(sequenceNumber),
        enqueued_at: (enqueuedAt ?? new Date(0)).toISOString(),
        delivery_count: deliveryCount,
        properties,
      },
    },
  }
}
