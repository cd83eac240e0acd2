import path from 'node:path'
import { IMPORT_CHECK_TIMEOUT_MS, WORKER_LIMITS } from '../limits'
import type { BuildRequest } from '../port'
import type { Sandbox } from '../sandbox/sandbox'
import { environmentMounts } from '../workers/worker-launch'
import { BuildFailed, type StepContext } from './build-failure'
import { runStep } from './build-step'

export type ImportCheckOptions = { sandbox: Sandbox; harnessDir: string; environmentsDir: string; runDir: string }

/** Exit codes of `start.py --check`. */
const EXIT_CAN_NOT_LOAD = 64

/**
 * Imports the algorithm once, in a worker's sandbox without secrets and network. Code that is not there or not
 * Python fails the build; an error that a secret or the network could cure is only told.
 * @throws BuildFailed
 */
export async function checkImport(
  options: ImportCheckOptions,
  request: BuildRequest,
  folder: string,
  environmentKey: string | null,
  context: StepContext,
): Promise<void> {
  const harness = { host: path.join(options.harnessDir, request.language), inside: '/runner' }
  const algorithm = { host: folder, inside: '/opt/algorithm' }
  const environment = { host: path.join(options.environmentsDir, environmentKey ?? ''), inside: '/env' }
  const { exit, hasTimedOut, stopped } = await runStep(
    options.sandbox,
    options.runDir,
    {
      argv: (locate) => checkCommand(request, environmentKey ? locate(environment) : undefined, locate(harness)),
      workingDirectory: algorithm,
      environment: { PYTHONDONTWRITEBYTECODE: '1', ALGORITHMIA_API: 'http://127.0.0.1:8080', ALGORITHMIA_API_KEY: '-' },
      readOnly: [harness, algorithm, ...environmentMounts(request.language, environmentKey ? environment : undefined)],
      writable: [],
      interpreterPath: request.interpreterPath,
      limits: WORKER_LIMITS,
      timeoutMs: IMPORT_CHECK_TIMEOUT_MS,
    },
    context.onLine,
    context.signal,
  )
  if (stopped) throw stopped
  if (exit.code === 0) return context.onLine('The algorithm can be imported.')
  if (exit.code === EXIT_CAN_NOT_LOAD) throw new BuildFailed('The algorithm can not be imported. The log says why.')
  const why = hasTimedOut
    ? 'took too long'
    : exit.reason === 'memory'
      ? 'needed too much memory'
      : 'ended with an error'
  context.onLine(`Note: the import ${why}. It ran without secrets and network; if it needs those, it may still work.`)
}

function checkCommand(request: BuildRequest, environment: string | undefined, harness: string): string[] {
  const name = request.algorithmName.slice(request.algorithmName.lastIndexOf('/') + 1)
  if (request.language === 'node') return [request.interpreterPath, path.join(harness, 'start.mjs'), '--check', name]
  const interpreter = environment ? path.join(environment, 'bin/python') : request.interpreterPath
  return [interpreter, path.join(harness, 'start.py'), '--check', name]
}
