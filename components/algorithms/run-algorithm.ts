import type { ConsoleRun } from '@/lib/algorithms/console-schema'
import type { AlgorithmPath } from '@/lib/algorithms/schema'

type Run = AlgorithmPath & { version: string; input: string; signal?: AbortSignal }

const UNREACHABLE = 'The server did not answer. Check that it is running, then try again.'

/** Runs a version or a built commit. Throws an `Error` with a sentence for people when it could not be run at all. */
export async function runAlgorithm({ owner, name, version, input, signal }: Run): Promise<ConsoleRun> {
  const response = await fetch(`/algorithms/${owner}/${name}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ version, input }),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : new Error(UNREACHABLE)
  })
  const answer = await response.json().catch(() => ({ error: { message: UNREACHABLE } }))
  if (!response.ok) throw new Error(answer.error.message)
  return answer
}
