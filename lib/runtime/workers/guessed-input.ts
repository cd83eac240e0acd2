import type { Invocation, InvokeOptions, Payload, RunnableVersion, Runtime } from '../port'

/** Runs an input that looks like JSON, and once more as text when the worker finds that it is none. */
export async function invokeGuess(
  pool: Pick<Runtime, 'invoke'>,
  version: RunnableVersion,
  input: Payload,
  options: InvokeOptions,
): Promise<Invocation> {
  const first = await pool.invoke(version, input, options)
  if (first.ok || first.error.kind !== 'unusable_input') return first
  const second = await pool.invoke(version, { type: 'text', bytes: input.bytes }, options)
  return {
    ...second,
    isText: true,
    queuedMs: first.queuedMs + first.durationMs + second.queuedMs,
    isColdStart: first.isColdStart || second.isColdStart,
    // What was printed while the algorithm loaded came with the first.
    stdout: first.stdout + second.stdout,
    stderr: first.stderr + second.stderr,
    isTruncated: first.isTruncated || second.isTruncated,
  }
}
