import { db } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import { publishLive } from '@/lib/live/bus'
import { componentLogger } from '@/lib/logger'
import { currentRuntime } from '@/lib/runtime/current'
import type { CallContext, Invocation, Payload } from '@/lib/runtime/port'
import type { ResolvedVersion } from '@/lib/versions/resolve'
import { newExecutionId } from '../id'
import { keepPayloads } from '../payloads'
import { inputAsTaken, inputColumns, toExecutionColumns } from '../record'

const log = componentLogger('executions')

/** A run beside the queue: of an input of the past, or of a message that stays where it is. */
export type RunAgain = {
  source: 'replay' | 'dry_run'
  resolved: ResolvedVersion
  input: Payload
  timeoutMs: number
  callerId: string
  flowId: string | null
  /** What names the message, so that the run stands beside its deliveries. It never has their win. */
  message: MessageColumns
  /** What the algorithm learns of the message when it asks. */
  context: CallContext
  replayOfId?: string
  queueJobId?: string
  signal?: AbortSignal
}

/** The columns that name a message and say what its sender gave it. */
export type MessageColumns = Pick<
  Prisma.ExecutionUncheckedCreateInput,
  | 'messageId'
  | 'sequenceNumber'
  | 'enqueuedAt'
  | 'deliveryCount'
  | 'sessionId'
  | 'correlationId'
  | 'messageContentType'
  | 'applicationProperties'
>

// Next bundles this module more than once; all share one set.
const shared = globalThis as unknown as { headraceRunsAgain?: Set<Promise<unknown>> }
shared.headraceRunsAgain ??= new Set()

/**
 * Writes the execution as running, runs it, and writes what came out. `done` settles with its status and never
 * rejects; a run of which a crash leaves the row behind is ended by `endForgottenRuns`.
 */
export async function runAgain(run: RunAgain): Promise<{ executionId: string; done: Promise<Invocation> }> {
  const { runtime } = currentRuntime()
  const id = newExecutionId()
  const { resolved, source, flowId, callerId, message, replayOfId, queueJobId, input } = run
  await db().execution.create({
    data: {
      id,
      source,
      status: 'running',
      algorithmId: resolved.algorithm.id,
      versionId: resolved.versionId,
      commitSha: resolved.runnable.commitSha,
      callerId,
      flowId,
      ...message,
      replayOfId,
      queueJobId,
      ...inputColumns(input),
    },
    select: { id: true },
  })
  announce(run)
  const done = runtime
    .invoke(resolved.runnable, input, {
      timeoutMs: run.timeoutMs,
      context: run.context,
      ...(run.signal && { signal: run.signal }),
    })
    .catch(asFailure)
    .then((invocation) => recordEnd(id, run, invocation))
  shared.headraceRunsAgain?.add(done)
  void done.finally(() => shared.headraceRunsAgain?.delete(done))
  return { executionId: id, done }
}

/** Resolves when no run of this process is left; the server waits for it when it stops. */
export async function whenRunsAgainEnd(): Promise<void> {
  await Promise.allSettled([...(shared.headraceRunsAgain ?? [])])
}

async function recordEnd(id: string, run: RunAgain, invocation: Invocation): Promise<Invocation> {
  const input = inputAsTaken(run.input, invocation)
  const { execution, log: streams } = toExecutionColumns(invocation, input)
  const finishedAt = new Date()
  try {
    const kept = await keepPayloads(id, { input, ...(invocation.ok && { result: invocation.result }) })
    await db().$transaction([
      db().execution.update({ where: { id }, data: { ...execution, finishedAt, recordedAt: finishedAt } }),
      ...(streams.stdout || streams.stderr
        ? [db().executionLog.create({ data: { executionId: id, ...streams } })]
        : []),
      db().executionPayload.createMany({ data: kept }),
    ])
  } catch (error) {
    log.error({ err: error, executionId: id }, 'a run beside the queue could not be recorded')
  }
  announce(run)
  return invocation
}

function announce({ flowId, resolved }: RunAgain): void {
  publishLive(`algorithm:${resolved.algorithm.id}`, ...(flowId ? ([`flow:${flowId}`] as const) : []))
}

function asFailure(error: unknown): Invocation {
  log.error({ err: error }, 'the runtime rejected a run beside the queue')
  const message = 'The runtime does not take calls at the moment. Try again later.'
  const report = { durationMs: 0, queuedMs: 0, isColdStart: false, stdout: '', stderr: '', isTruncated: false }
  return { ...report, ok: false, error: { kind: 'overloaded', errorType: 'RuntimeError', message } }
}
