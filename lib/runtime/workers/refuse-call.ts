import { access } from 'node:fs/promises'
import path from 'node:path'
import { MAX_INPUT_BYTES } from '../limits'
import type { Payload, RunError, RunnableVersion } from '../port'
import { notBuiltError, sandboxRefusedError, tooLargeError } from './run-errors'
import type { WorkerHost } from './worker-launch'

/** Whether a version may run here at all: isolation, or somebody who opted in to none. */
export function refuseSandbox({ sandbox }: WorkerHost, allowUnsandboxed: boolean): RunError | undefined {
  if (sandbox.report.level !== 'none' || allowUnsandboxed) return undefined
  return sandboxRefusedError(sandbox.report.reasons, sandbox.report.fix)
}

export function refuseInput(input: Payload): RunError | undefined {
  if (input.bytes.length <= MAX_INPUT_BYTES) return undefined
  return tooLargeError('input_too_large', input.bytes.length, MAX_INPUT_BYTES)
}

/** Whether source, packages and interpreter of a version are on this server. */
export async function refuseUnbuilt(
  { versionsDir, environmentsDir }: WorkerHost,
  { algorithmId, algorithmName, commitSha, environmentKey, interpreterPath }: RunnableVersion,
): Promise<RunError | undefined> {
  if (!(await exists(path.join(versionsDir, algorithmId, commitSha)))) {
    return notBuiltError(`${algorithmName} is not built here for commit ${commitSha}. Build it again.`)
  }
  if (environmentKey && !(await exists(path.join(environmentsDir, environmentKey)))) {
    return notBuiltError(`The packages of ${algorithmName} are not on this server. Build it again.`)
  }
  if (!(await exists(interpreterPath))) {
    return notBuiltError(
      `The interpreter of ${algorithmName}, ${interpreterPath}, is not on this server any more. Choose another environment in the algorithm’s settings and build it again, or have the interpreter put back.`,
    )
  }
  return undefined
}

function exists(folder: string): Promise<boolean> {
  return access(folder).then(
    () => true,
    () => false,
  )
}
