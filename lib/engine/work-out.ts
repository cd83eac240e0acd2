import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@/lib/logger'
import type { Invocation, Runtime } from '@/lib/runtime/port'
import { type BackOffPolicy, DEFAULT_BACK_OFF, type Decision, decide, type Obstacle, type Outcome } from './decide'
import type { Lease } from './leases/lease'
import type { RecordAnswer, RecordedResult, Recorder } from './recorder'
import type { FlowSpec, RunTarget } from './target'
import { type KillReason, killReasonOf, type Verdict, type Work } from './work'

/** A killed run is recorded only if the database answers soon: the message is settled without waiting for it. */
const KILLED_RECORD_LIMIT_MS = 2_000

export type WorkOutParts = {
  flow: FlowSpec
  /** Nothing runs unless the flow is ours. */
  lease: Lease
  runtime: Pick<Runtime, 'invoke'>
  recorder: Recorder
  logger: Logger
  backOff?: BackOffPolicy
  /** What the next message runs; a publish changes it while the consumer goes on. */
  target(): RunTarget
  /** Why nothing of the flow can run now; null when something ran (again). */
  onObstacle(obstacle: Obstacle | null): void
}

type Run = { outcome: Outcome; result: RecordedResult; target: RunTarget; startedAt: Date }

/**
 * Finds out what to do with a delivery: has its message won already? else run, until something other than an obstacle
 * of ours comes out, and record. Never rejects; settles nothing.
 */
export async function workOut(work: Work, parts: WorkOutParts): Promise<Verdict> {
  const winnerId = await findWinner(work, parts)
  if (winnerId) return verdictOf({ kind: 'already_won' }, work, parts, winnerId)
  for (;;) {
    const turn = await parts.lease.begin(work.kill.signal).catch(() => null)
    const killed = killReasonOf(work)
    if (killed || !turn) {
      turn?.end()
      return verdictOf({ kind: killed ?? 'stopping' }, work, parts, null)
    }
    const run = await runOnce(work, parts, turn.signal).finally(() => turn.end())
    if (turn.hasLapsed && wasEndedFromOutside(run)) continue
    const decision = decide(run.outcome, work.delivery.attempt, parts.backOff ?? DEFAULT_BACK_OFF)
    if (decision.action !== 'run_again') return await recordRun(work, parts, run, decision)
    parts.onObstacle(decision.obstacle)
    await sleep(decision.afterMs, undefined, { signal: work.kill.signal }).catch(() => {})
  }
}

/** The message is as good as new: it waits until the lease is ours for sure, and runs again. */
function wasEndedFromOutside({ outcome }: Run): boolean {
  return outcome.kind === 'failed' && outcome.error.kind === 'aborted'
}

/** Null as well when the work was killed while the database did not answer. */
async function findWinner(work: Work, { recorder, logger }: WorkOutParts): Promise<string | null> {
  try {
    return await recorder.findWinner(work.key, work.kill.signal)
  } catch (error) {
    if (!killReasonOf(work)) logger.error({ err: error }, 'the ledger could not be asked for a winner')
    return null
  }
}

async function runOnce(work: Work, parts: WorkOutParts, signal: AbortSignal): Promise<Run> {
  const target = parts.target()
  const startedAt = new Date()
  const { body } = work
  if (!body.ok) {
    const error = { errorType: 'UnusableInput', message: body.problem }
    const outcome: Outcome = { kind: 'unusable_input', problem: body.problem }
    return { outcome, result: { kind: 'no_run', status: 'failed', error }, target, startedAt }
  }
  const invocation = await invoke(work, parts, target, signal)
  const killed = killReasonOf(work)
  // Whatever a killed run still brought, nobody may use it.
  if (killed) {
    const result: RecordedResult = { kind: 'invocation', invocation: withoutResult(invocation, killed) }
    return { outcome: { kind: killed }, result, target, startedAt }
  }
  const outcome: Outcome = invocation.ok ? { kind: 'succeeded' } : { kind: 'failed', error: invocation.error }
  return { outcome, result: { kind: 'invocation', invocation }, target, startedAt }
}

async function invoke(work: Work, parts: WorkOutParts, target: RunTarget, signal: AbortSignal): Promise<Invocation> {
  try {
    return await parts.runtime.invoke(target.runnable, work.body.payload, {
      timeoutMs: parts.flow.timeoutMs,
      signal,
    })
  } catch (error) {
    parts.logger.error({ err: error, executionId: work.executionId }, 'the runtime rejected a call')
    const message = 'The runtime does not take calls at the moment; the message is kept and run again.'
    return { ...NO_REPORT, ok: false, error: { kind: 'overloaded', errorType: 'RuntimeError', message } }
  }
}

async function recordRun(work: Work, parts: WorkOutParts, run: Run, decision: Decision): Promise<Verdict> {
  const { recorder, flow } = parts
  const signal = killReasonOf(work) ? AbortSignal.timeout(KILLED_RECORD_LIMIT_MS) : work.kill.signal
  let answer: RecordAnswer
  try {
    answer = await recorder.record(
      {
        executionId: work.executionId,
        key: work.key,
        lease: parts.lease.mark,
        algorithmId: flow.algorithmId,
        versionId: run.target.versionId,
        commitSha: run.target.runnable.commitSha,
        callerId: flow.ownerId,
        messageId: work.delivery.message.messageId,
        attempt: work.delivery.attempt,
        receivedAt: work.receivedAt,
        startedAt: run.startedAt,
        finishedAt: new Date(),
        input: work.body.payload,
        result: run.result,
        deadLetterReason: decision.action === 'dead_letter' ? `${decision.reason}: ${decision.description}` : null,
      },
      signal,
    )
  } catch (error) {
    return unrecorded(work, parts, decision, error)
  }
  // The present owner of the flow runs the message again: it gets it sooner when we give it back.
  if (answer === 'lapsed' && decision.action !== 'leave') {
    return verdictOf({ kind: 'stopping' }, work, parts, work.executionId)
  }
  if (run.result.kind === 'invocation' && decision.action !== 'leave') parts.onObstacle(null)
  // A run that lost the race to another one completes its message too: the message has its result.
  return { decision, executionId: work.executionId }
}

/** No row, no settlement that relies on it: a success that is not written is none. */
function unrecorded(work: Work, parts: WorkOutParts, decision: Decision, error: unknown): Verdict {
  const killed = killReasonOf(work)
  if (killed) return verdictOf({ kind: killed }, work, parts, null)
  parts.logger.error({ err: error, executionId: work.executionId, decision: decision.action }, 'a run was not recorded')
  return verdictOf({ kind: 'unrecordable' }, work, parts, null)
}

function verdictOf(outcome: Outcome, work: Work, parts: WorkOutParts, executionId: string | null): Verdict {
  return { decision: decide(outcome, work.delivery.attempt, parts.backOff ?? DEFAULT_BACK_OFF), executionId }
}

const NO_REPORT = { durationMs: 0, queuedMs: 0, isColdStart: false, stdout: '', stderr: '', isTruncated: false }

const KILL_TEXTS: Record<KillReason, { errorType: string; message: string }> = {
  lock_lost: {
    errorType: 'LockLost',
    message: 'The broker took the message back while it was running, and delivers it again; this run was ended.',
  },
  stopping: {
    errorType: 'EngineStopped',
    message: 'The engine stopped before the run was over; the message was given back and is delivered again.',
  },
}

function withoutResult(invocation: Invocation, reason: KillReason): Invocation {
  const { durationMs, queuedMs, isColdStart, stdout, stderr, isTruncated } = invocation
  const report = { durationMs, queuedMs, isColdStart, stdout, stderr, isTruncated }
  return { ...report, ok: false, error: { kind: 'aborted', ...KILL_TEXTS[reason] } }
}
