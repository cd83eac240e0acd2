import { type KeptPayload, keepPayloads } from '@/lib/executions/payloads'
import { inputAsTaken } from '@/lib/executions/record'
import type { Payload } from '@/lib/runtime/port'
import { inSpan } from '@/lib/telemetry/tracing'
import { type Decision, decide, type Obstacle, type Outcome } from './decide'
import { dataUriOf, outputUnwritable, type ResultFile } from './output/outputs'
import type { DeliveryRecord, RecordedResult } from './recorder'
import type { RunTarget } from './target'
import { killReasonOf, logFieldsOf, type Verdict, type Work, waitInHand } from './work'
import { verdictOf, type WorkOutParts } from './work-parts'

/** A killed run is recorded only if the database answers soon: the message is settled without waiting for it. */
const KILLED_RECORD_LIMIT_MS = 2_000

export type Run = { outcome: Outcome; result: RecordedResult; target: RunTarget; startedAt: Date }

/**
 * Writes what a run came to: its result into the output collection, if the flow has one, and its row. A place for the
 * result that is missing by now is waited for with the result in hand: the run is not repeated.
 * @param onRecording called when the result is where it belongs: what is recorded later replaces its file, if it has one
 * of the same name
 */
export async function recordRun(
  work: Work,
  parts: WorkOutParts,
  run: Run,
  decision: Decision,
  onRecording: (run: Run) => void,
): Promise<Verdict> {
  for (;;) {
    const kept = await keepResult(work, parts, run)
    const killed = killReasonOf(work)
    if (killed && decision.action === 'complete') {
      if (kept.file) await parts.outputs.discard(kept.file)
      return verdictOf({ kind: killed }, work, parts, null)
    }
    if (!kept.obstacle && work.stage === 'running') onRecording(run)
    const obstacle = kept.obstacle ?? (await recordOnce(work, parts, run, decision, kept.file))
    if (!('kind' in obstacle)) return obstacle
    const { afterMs } = decide({ kind: 'hindered', obstacle }, work.delivery.attempt) as { afterMs: number }
    parts.onObstacle(obstacle)
    await waitInHand(work, afterMs)
  }
}

type Kept = { file: ResultFile | null; obstacle?: never } | { file?: never; obstacle: Obstacle }

async function keepResult(work: Work, { flow, outputs }: WorkOutParts, { result, outcome }: Run): Promise<Kept> {
  const isWanted = flow.output && outcome.kind === 'succeeded' && !killReasonOf(work)
  if (!isWanted || result.kind !== 'invocation' || !result.invocation.ok) return { file: null }
  return outputs.store(flow, work.delivery.message, result.invocation.result)
}

async function recordOnce(
  work: Work,
  parts: WorkOutParts,
  run: Run,
  decision: Decision,
  file: ResultFile | null,
): Promise<Verdict | Obstacle> {
  const { recorder, flow, outputs } = parts
  const signal = killReasonOf(work) ? AbortSignal.timeout(KILLED_RECORD_LIMIT_MS) : work.kill
  try {
    const payloads = await keepPayloads(work.executionId, payloadsOf(work, run))
    const record = recordOf(work, parts, run, decision, file, payloads)
    const recorded = await inSpan(work.trace, 'record', () => recorder.record(record, signal))
    if (recorded === 'no_output_place' && flow.output) {
      if (file) await outputs.discard(file)
      return outputUnwritable(flow.output)
    }
    // A result that nobody can look at any more is no reason to take the message from its queue.
    if (recorded === 'deleted') return verdictOf({ kind: killReasonOf(work) ?? 'stopping' }, work, parts, null)
    // The present owner of the flow runs the message again: it gets it sooner when we give it back.
    if (recorded === 'lapsed' && decision.action !== 'leave') {
      return verdictOf({ kind: 'stopping' }, work, parts, work.executionId)
    }
  } catch (error) {
    // A write that was given up in mid-way may still be committed, and name the file: then only the sweeper may judge.
    if (file && !killReasonOf(work)) await outputs.discard(file)
    return unrecorded(work, parts, decision, error)
  }
  if (run.result.kind === 'invocation' && decision.action !== 'leave') parts.onObstacle(null)
  // A run that lost the race to another one completes its message too: the message has its result.
  return { decision, executionId: work.executionId }
}

function payloadsOf(work: Work, run: Run): { input: Payload; result?: Payload } {
  const { result } = run
  const input = inputOf(work, run)
  return result.kind === 'invocation' && result.invocation.ok ? { input, result: result.invocation.result } : { input }
}

function inputOf({ body: { payload } }: Work, { result }: Run): Payload {
  return result.kind === 'invocation' ? inputAsTaken(payload, result.invocation) : payload
}

function recordOf(
  work: Work,
  { flow, lease }: WorkOutParts,
  run: Run,
  decision: Decision,
  file: ResultFile | null,
  payloads: KeptPayload[],
): DeliveryRecord {
  return {
    executionId: work.executionId,
    key: work.key,
    lease: lease.mark,
    algorithmId: flow.algorithmId,
    versionId: run.target.versionId,
    commitSha: run.target.runnable.commitSha,
    callerId: flow.ownerId,
    message: work.delivery.message,
    attempt: work.delivery.attempt,
    receivedAt: work.receivedAt,
    startedAt: run.startedAt,
    finishedAt: new Date(),
    input: inputOf(work, run),
    result: run.result,
    payloads,
    output: file && { file, uri: dataUriOf(file) },
    deadLetterReason: decision.action === 'dead_letter' ? `${decision.reason}: ${decision.description}` : null,
  }
}

/** No row, no settlement that relies on it: a success that is not written is none. */
function unrecorded(work: Work, parts: WorkOutParts, decision: Decision, error: unknown): Verdict {
  const killed = killReasonOf(work)
  if (killed) return verdictOf({ kind: killed }, work, parts, null)
  parts.logger.error({ ...logFieldsOf(work), err: error, decision: decision.action }, 'a run was not recorded')
  return verdictOf({ kind: 'unrecordable' }, work, parts, null)
}
