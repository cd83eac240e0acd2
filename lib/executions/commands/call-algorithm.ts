import { accountOf, type Context } from '@/lib/context'
import { db } from '@/lib/db'
import { publishLive } from '@/lib/live/bus'
import { componentLogger } from '@/lib/logger'
import { currentRuntime } from '@/lib/runtime/current'
import type { Invocation, Payload } from '@/lib/runtime/port'
import { type ResolvedVersion, resolveEndpoint } from '@/lib/versions/resolve'
import { newExecutionId } from '../id'
import { keepPayloads } from '../payloads'
import { inputAsTaken, toExecutionColumns } from '../record'
import { recordCallRow } from '../record-call'

const log = componentLogger('executions')

/** What to call: an endpoint (`OWNER/NAME[/VERSION]`) or one that was resolved for this actor already. */
export type CallInput = ({ endpoint: string } | { resolved: ResolvedVersion }) & {
  payload: Payload
  timeoutMs: number
  source: 'api' | 'console'
  /** From `newExecutionId`, when the caller must know it before the run. */
  executionId?: string
  /** Nobody waits for the outcome: its row alone tells of it. */
  isUnattended?: boolean
  /** Kills the run. */
  signal?: AbortSignal | undefined
}

/**
 * A call's outcome; the execution's row is in the ledger unless the database failed (which is logged), or the input was no
 * JSON: then the algorithm has not run, and who waits for the outcome is told.
 */
export type CallOutcome = { executionId: string; resolved: ResolvedVersion; invocation: Invocation }

/**
 * Runs an algorithm for the actor's account and records the execution. An algorithm that fails is an outcome, not an
 * error; throws `not_found` when the endpoint does not resolve and `unavailable` when nothing can run now.
 */
export async function callAlgorithm(ctx: Context, input: CallInput): Promise<CallOutcome> {
  const resolved = 'resolved' in input ? input.resolved : await resolveEndpoint(ctx, input.endpoint)
  const { runtime } = currentRuntime()
  const executionId = input.executionId ?? newExecutionId()
  const startedAt = new Date()
  const invocation = await runtime.invoke(resolved.runnable, input.payload, {
    timeoutMs: input.timeoutMs,
    ...(input.signal && { signal: input.signal }),
  })
  const hasRun = invocation.ok || invocation.error.kind !== 'unusable_input'
  if (hasRun || input.isUnattended) await recordCall(ctx, input, { executionId, resolved, invocation, startedAt })
  return { executionId, resolved, invocation }
}

/** Never throws: the caller's result does not depend on the ledger. */
async function recordCall(ctx: Context, input: CallInput, call: CallOutcome & { startedAt: Date }): Promise<void> {
  const { executionId, resolved, invocation, startedAt } = call
  try {
    const taken = inputAsTaken(input.payload, invocation)
    const payloads = await keepPayloads(executionId, {
      input: taken,
      ...(invocation.ok && { result: invocation.result }),
    })
    const row = {
      id: executionId,
      source: input.source,
      algorithmId: resolved.algorithm.id,
      versionId: resolved.versionId,
      commitSha: resolved.runnable.commitSha,
      callerId: accountOf(ctx),
      startedAt,
      ...toExecutionColumns(invocation, taken),
    }
    await recordCallRow(db(), row, payloads)
    publishLive(`algorithm:${resolved.algorithm.id}`, `account:${accountOf(ctx)}`, 'admin')
  } catch (error) {
    log.error(
      { err: error, executionId, algorithm: resolved.runnable.algorithmName, ok: invocation.ok },
      'an execution ran and was answered, but could not be recorded',
    )
  }
}
