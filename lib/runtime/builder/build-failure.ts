import { SECOND_MS } from '../limits'
import type { StepOutcome } from './build-step'

/** Where a step's lines go and who may cancel it. */
export type StepContext = { onLine: (line: string) => void; signal?: AbortSignal }

/** Why a build failed, in one sentence for its author. */
export class BuildFailed extends Error {
  override readonly name = 'BuildFailed'
  /** Trying again could help: the command itself ended with an error. */
  readonly isRetryable: boolean

  constructor(message: string, isRetryable = false) {
    super(message)
    this.isRetryable = isRetryable
  }
}

/** What went wrong with a step, or undefined when it ended well. */
export function failureOf(outcome: StepOutcome, what: string, timeoutMs?: number): BuildFailed | undefined {
  const { exit, hasTimedOut, isCancelled } = outcome
  if (isCancelled) return new BuildFailed('The build was cancelled.')
  if (hasTimedOut) {
    const limit = timeoutMs ? ` of ${timeoutMs / SECOND_MS} seconds` : ''
    return new BuildFailed(`${what}: it took longer than the limit${limit}.`)
  }
  if (exit.reason === 'memory') return new BuildFailed(`${what}: it needed more memory than a build may have.`)
  if (exit.reason === 'not_started') return new BuildFailed(`${what}: the sandbox did not start (${exit.failure}).`)
  if (exit.code === 0) return undefined
  return new BuildFailed(`${what}. The lines above say why.`, true)
}
