import type { Abortable } from '@/lib/abortable'
import type { Payload, RunError } from '../port'

/** What was printed during a call. */
export type Output = { stdout: string; stderr: string; isTruncated: boolean }

export type Verdict = { ok: true; result: Payload } | { ok: false; error: RunError }

type Times = {
  /** When it became the running call, by `performance.now()`. */
  startedAt: number
  durationMs: number
}

/** What a call came to, with what was printed meanwhile. `isLast`: no other is behind it, the worker is free. */
export type RunOutcome = Verdict & Output & Times & { isLast: boolean }

/** What became of a call: undefined when it was taken back before it began. */
export type Settle = (outcome: RunOutcome | undefined) => void

/** One call as its worker keeps it. */
export type Call = {
  id: string
  timeoutMs: number
  signal: Abortable | undefined
  /** Of a call with a signal. */
  onAbort: (() => void) | undefined
  settle: Settle
  isAhead: boolean
  /** Set by the answer; output that was printed before it may still be on its way. */
  verdict: Verdict | undefined
  /** Of a running call. */
  timer: NodeJS.Timeout | undefined
  startedAt: number
  answeredAt: number
  /** It is behind lines of calls that were taken back: its answer says that the worker has passed them. */
  isBehindStale: boolean
  /** None of its output is on its way any more. */
  isQuiet: boolean
  /** It is the last one and settled in a moment. */
  isFinishing: boolean
  /** Its end waits for what is on its way: its own answer, or the output of the call before it. */
  isOverdue: boolean
  /** How often somebody looked for the mark behind its output in vain. */
  looksForMark: number
}

export function stopListening(call: Call): void {
  clearTimeout(call.timer)
  if (call.onAbort) call.signal?.removeEventListener('abort', call.onAbort)
}

/** Written out: copying objects by their keys takes longer than the rest of a small call's end. */
export function outcomeOf(
  verdict: Verdict,
  { stdout, stderr, isTruncated }: Output,
  startedAt: number,
  durationMs: number,
  isLast: boolean,
): RunOutcome {
  const { ok } = verdict
  if (ok) return { ok, result: verdict.result, stdout, stderr, isTruncated, startedAt, durationMs, isLast }
  return { ok, error: verdict.error, stdout, stderr, isTruncated, startedAt, durationMs, isLast }
}
