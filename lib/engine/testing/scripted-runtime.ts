import { type Abortable, Ending, orAborted } from '@/lib/abortable'
import type {
  CallContext,
  Invocation,
  InvokeOptions,
  Payload,
  RunError,
  RunnableVersion,
  Runtime,
} from '@/lib/runtime/port'
import { invokeGuess } from '@/lib/runtime/workers/guessed-input'

/** What a scripted algorithm may do: give back a result, or throw a RunError's parts. */
export type Script = (
  input: string,
  call: { version: RunnableVersion; signal: Abortable; context: CallContext | undefined; type: Payload['type'] },
) => unknown

export class ScriptError extends Error {
  readonly runError: RunError

  constructor(runError: Partial<RunError>) {
    super(runError.message)
    this.runError = { kind: 'algorithm_error', errorType: 'AlgorithmError', message: 'it raised', ...runError }
  }
}

/** Runs a function in place of a sandboxed process: for tests about consuming, not about running. */
export function scriptedRuntime(
  script: Script,
): Pick<Runtime, 'invoke' | 'keepWarm'> & { inputs: string[]; kept: Set<RunnableVersion> } {
  const inputs: string[] = []
  const kept = new Set<RunnableVersion>()
  const run = {
    async invoke(version: RunnableVersion, input: Payload, options: InvokeOptions): Promise<Invocation> {
      const startedAt = performance.now()
      const signal = options.signal ?? new Ending()
      inputs.push(input.bytes.toString())
      const report = () => ({
        durationMs: performance.now() - startedAt,
        queuedMs: 0,
        isColdStart: false,
        stdout: `saw ${input.bytes}`,
        stderr: '',
        isTruncated: false,
      })
      try {
        const call = { version, signal, context: options.context, type: input.type }
        const running = Promise.resolve(script(input.bytes.toString(), call))
        const result = await orAborted(running, signal)
        return { ...report(), ok: true, result: { type: 'json', bytes: Buffer.from(JSON.stringify(result ?? null)) } }
      } catch (error) {
        return { ...report(), ok: false, error: runErrorOf(error, signal) }
      }
    },
  }
  return {
    inputs,
    kept,
    keepWarm: (version) => {
      kept.add(version)
      return () => kept.delete(version)
    },
    invoke: (version, input, options) =>
      input.isGuess ? invokeGuess(run, version, input, options) : run.invoke(version, input, options),
  }
}

function runErrorOf(error: unknown, signal: Abortable): RunError {
  if (signal.aborted) return { kind: 'aborted', errorType: 'Aborted', message: 'killed' }
  if (error instanceof ScriptError) return error.runError
  return { kind: 'algorithm_error', errorType: 'AlgorithmError', message: String(error), stackTrace: 'line 1\nline 2' }
}
