import { MINUTE_MS, SECOND_MS } from '../limits'
import type { BuildRequest } from '../port'
import type { StepOutcome } from './build-step'

/** Where a step's lines go, who may cancel it, and who is told of the environment that is looked for. */
export type StepContext = {
  onLine: (line: string) => void
  signal?: AbortSignal
  noteEnvironment?: BuildRequest['noteEnvironment']
}

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

/** Why a build is to stop before its end, by its signal: its time is over, or somebody cancelled it. */
export function whyStopped(signal: AbortSignal | undefined): BuildFailed | undefined {
  if (!signal?.aborted) return undefined
  return signal.reason instanceof BuildFailed ? signal.reason : new BuildFailed('The build was cancelled.')
}

/** Aborts when a build has taken too long; `end` when it did not. */
export function limitBuildTime(limitMs: number): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController()
  const limit = limitMs < MINUTE_MS ? `${limitMs / SECOND_MS} seconds` : `${limitMs / MINUTE_MS} minutes`
  const text = `The build took longer than a build may, ${limit}. The last lines of its log say what it was doing.`
  const timer = setTimeout(() => controller.abort(new BuildFailed(text)), limitMs)
  timer.unref()
  return { signal: controller.signal, end: () => clearTimeout(timer) }
}

/** What went wrong with a step, or undefined when it ended well. */
export function failureOf(outcome: StepOutcome, what: string): BuildFailed | undefined {
  const { exit, hasTimedOut, stopped } = outcome
  if (stopped) return stopped
  if (hasTimedOut) return new BuildFailed(`${what}: it took too long.`)
  if (exit.reason === 'memory') return new BuildFailed(`${what}: it needed more memory than a build may have.`)
  if (exit.reason === 'not_started') return new BuildFailed(`${what}: the sandbox did not start (${exit.failure}).`)
  if (exit.code === 0) return undefined
  return new BuildFailed(`${what}. The log says why.`, true)
}
