import { accountOf, type Context } from '@/lib/context'
import { AppError } from '@/lib/errors'
import type { Invocation, Payload, RunnableVersion } from '@/lib/runtime/port'

/** As lib/versions/resolve.ts gives it. */
type Resolved = {
  algorithm: { id: string; ownerId: string; ownerName: string; name: string }
  versionId: string | null
  semanticVersion: string | null
  runnable: RunnableVersion
}

/** What to call: an endpoint (`OWNER/NAME[/VERSION]`) or one that is resolved already. */
export type CallInput = ({ endpoint: string } | { resolved: Resolved }) & {
  payload: Payload
  timeoutMs: number
  source: 'api' | 'console'
  /** Kills the run. */
  signal?: AbortSignal
}

/** A call's outcome; the execution's row is in the ledger unless the database failed (which is logged). */
export type CallOutcome = { executionId: string; invocation: Invocation }

/**
 * Runs an algorithm for the actor's account and records the execution. An algorithm that fails is an outcome, not an
 * error; throws `not_found` when the endpoint does not resolve and `unavailable` when nothing can run now.
 */
export async function callAlgorithm(ctx: Context, _input: CallInput): Promise<CallOutcome> {
  accountOf(ctx)
  throw new AppError('unavailable', 'Calls are not connected yet.')
}
