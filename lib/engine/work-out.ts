import type { Abortable } from '@/lib/abortable'
import type { Invocation } from '@/lib/runtime/port'
import { metrics } from '@/lib/telemetry/registry'
import { inSpan } from '@/lib/telemetry/tracing'
import { problemOf } from './body'
import { type Decision, decide, type Obstacle, type Outcome } from './decide'
import { callContext } from './message-context'
import { type Run, recordRun } from './record-run'
import type { RecordedResult } from './recorder'
import type { RunTarget } from './target'
import { type KillReason, killReasonOf, logFieldsOf, type Verdict, type Work, waitInHand } from './work'
import { backOffOf, verdictOf, type WorkOutParts } from './work-parts'

/**
 * Finds out what to do with a delivery: has its message won already? else run, until something other than an obstacle
 * of ours comes out, and record. Never rejects; settles nothing.
 * @param onRecording called with the last run when its result is where it belongs, before it is recorded
 */
export async function workOut(work: Work, parts: WorkOutParts, onRecording: (run: Run) => void): Promise<Verdict> {
  const winnerId = await findWinner(work, parts)
  if (winnerId) return verdictOf({ kind: 'already_won' }, work, parts, winnerId)
  for (;;) {
    const turn = await parts.lease.begin(work.kill).catch(() => null)
    const killed = killReasonOf(work)
    if (killed || !turn) {
      turn?.end()
      return verdictOf({ kind: killed ?? 'stopping' }, work, parts, null)
    }
    const run = await runUnlessHindered(work, parts, turn.signal).finally(() => turn.end())
    if (turn.hasLapsed && wasEndedFromOutside(run)) continue
    const outcome: Outcome = 'outcome' in run ? run.outcome : { kind: 'hindered', obstacle: run }
    const decision = decide(outcome, work.delivery.attempt, backOffOf(parts))
    if (decision.action !== 'try_again') return await recordRun(work, parts, run as Run, decision, onRecording)
    await waitFor(decision, work, parts)
  }
}

/** The message is as good as new: it waits until the lease is ours for sure, and runs again. */
function wasEndedFromOutside(run: Run | Obstacle): boolean {
  return 'outcome' in run && run.outcome.kind === 'failed' && run.outcome.error.kind === 'aborted'
}

async function waitFor(decision: Extract<Decision, { action: 'try_again' }>, work: Work, parts: WorkOutParts) {
  parts.onObstacle(decision.obstacle)
  await waitInHand(work, decision.afterMs)
}

/** Null as well when the work was killed while the database did not answer: until it does, nothing runs. */
async function findWinner(work: Work, { recorder, newMessages, logger }: WorkOutParts): Promise<string | null> {
  if (work.mayBeNew && !recorder.isAway && (await newMessages.isUnrecorded(work.key.sequenceNumber, work.kill)))
    return null
  try {
    return await recorder.findWinner(work.key, work.kill)
  } catch (error) {
    if (!killReasonOf(work))
      logger.error({ ...logFieldsOf(work), err: error }, 'the ledger could not be asked for a winner')
    return null
  }
}

async function runUnlessHindered(work: Work, parts: WorkOutParts, signal: Abortable): Promise<Run | Obstacle> {
  const target = parts.target()
  if (!target) return { kind: 'no_version', text: 'There is no version that can run any more.' }
  return (await parts.outputs.hindrance(parts.flow)) ?? (await runOnce(work, parts, target, signal))
}

async function runOnce(work: Work, parts: WorkOutParts, target: RunTarget, signal: Abortable): Promise<Run> {
  const startedAt = new Date()
  const { body } = work
  if (!body.ok) {
    const error = { errorType: 'UnusableInput', message: body.problem }
    const outcome: Outcome = { kind: 'unusable_input', problem: body.problem }
    return { outcome, result: { kind: 'no_run', status: 'failed', error }, target, startedAt }
  }
  const invocation = await inSpan(work.trace, 'run', () => invoke(work, parts, target, signal))
  countRun(parts, invocation)
  const killed = killReasonOf(work)
  // Whatever a killed run still brought, nobody may use it.
  if (killed) {
    const result: RecordedResult = { kind: 'invocation', invocation: withoutResult(invocation, killed) }
    return { outcome: { kind: killed }, result, target, startedAt }
  }
  if (!invocation.ok && invocation.error.kind === 'unusable_input') {
    const problem = problemOf(work.delivery.message, invocation.error.message)
    const described: Invocation = { ...invocation, error: { ...invocation.error, message: problem } }
    const result: RecordedResult = { kind: 'invocation', invocation: described }
    return { outcome: { kind: 'unusable_input', problem }, result, target, startedAt }
  }
  const outcome: Outcome = invocation.ok ? { kind: 'succeeded' } : { kind: 'failed', error: invocation.error }
  return { outcome, result: { kind: 'invocation', invocation }, target, startedAt }
}

function countRun({ flow }: WorkOutParts, invocation: Invocation): void {
  const outcome = invocation.ok ? 'succeeded' : invocation.error.kind
  metrics().runs.inc({ flow: flow.id, queue: flow.queueName, outcome })
  metrics().runSeconds.observe(invocation.durationMs / 1_000)
}

async function invoke(work: Work, parts: WorkOutParts, target: RunTarget, signal: Abortable): Promise<Invocation> {
  try {
    return await parts.runtime.invoke(target.runnable, work.body.payload, {
      timeoutMs: parts.flow.timeoutMs,
      context: callContext(work.delivery),
      signal,
    })
  } catch (error) {
    parts.logger.error({ ...logFieldsOf(work), err: error }, 'the runtime rejected a call')
    const message = 'The runtime does not take calls at the moment; the message is kept and run again.'
    return { ...NO_REPORT, ok: false, error: { kind: 'overloaded', errorType: 'RuntimeError', message } }
  }
}

const NO_REPORT = { durationMs: 0, queuedMs: 0, isColdStart: false, stdout: '', stderr: '', isTruncated: false }

const KILL_TEXTS: Record<KillReason, { errorType: string; message: string }> = {
  lock_lost: {
    errorType: 'LockLost',
    message: 'The broker took the message back while it was running, and delivers it again; this run was ended.',
  },
  held_too_long: {
    errorType: 'LockRenewalLimit',
    message:
      'The run took longer than the lock renewal limit of this event flow; it was ended and the message given back. Raise the limit (under Advanced), or make the algorithm quicker.',
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
