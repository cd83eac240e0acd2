import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from '@/lib/logger'
import { AlgorithmBuilder } from './builder/algorithm-builder'
import { openOlderEnvironments } from './builder/environment-store'
import type { CurrentRuntime } from './current'
import { HarnessCopy } from './harness-copy'
import type { Runtime, RuntimePolicy, SandboxLevel, WorkerApi } from './port'
import { isAlive } from './processes/is-alive'
import { removeStaleStaging } from './processes/staging'
import { createSandbox } from './sandbox/create-sandbox'
import { invokeGuess } from './workers/guessed-input'
import { PipeStock } from './workers/pipe-stock'
import { WorkerPool } from './workers/worker-pool'

/** What a runtime needs of the process that hosts it. */
export type RuntimeOptions = {
  /** HEADRACE_DATA: versions, environments and run directories are below it. */
  dataDir: string
  /** `<HEADRACE_ROOT>/lib/runtime/harness`: the code that runs inside the sandbox. */
  harnessDir: string
  /** Answers the algorithms' own HTTP requests (lib/v1). */
  api: WorkerApi
  /** HEADRACE_ALLOW_UNSANDBOXED=1, or `npm run up` on loopback: run without isolation where there is none. */
  allowUnsandboxed: boolean
  /** `host:port` pairs that algorithms may reach although they are private or loopback: the embedded broker. */
  allowedEgress?: string[]
  /** Use no more isolation than this, as on a host that gives no more. */
  highestLevel?: SandboxLevel
  /** Workers at once. */
  maxWorkers?: number
  /** How long a call may wait for a worker. */
  maxQueuedMs?: number
  /** How long a worker is kept without a call. */
  idleMs?: number
  /** How long a worker above the warm limit is kept without a call. */
  surplusIdleMs?: number
  /** Calls after which a worker is replaced. */
  maxCalls?: number
  /** How long after its start a worker that an event flow keeps may be replaced. */
  keptRestartMs?: number
  /** What a whole build may take. */
  buildTimeoutMs?: number
  policy?: Partial<RuntimePolicy>
  logger: Logger
}

/**
 * Finds out how far algorithms can be kept apart here, then makes the runtime and the builder on it.
 * Close it with `runtime.close(graceMs)`.
 */
export async function createRuntime(options: RuntimeOptions): Promise<CurrentRuntime> {
  const dataDir = path.resolve(options.dataDir)
  const versionsDir = path.join(dataDir, 'versions')
  const environmentsDir = path.join(dataDir, 'envs')
  const runDir = path.join(dataDir, 'run', String(process.pid))
  await removeStaleRuns(path.join(dataDir, 'run'))
  for (const folder of [versionsDir, environmentsDir, runDir]) await makeSharedFolder(folder)
  await Promise.all([versionsDir, environmentsDir].map(removeStaleStaging))
  await openOlderEnvironments(environmentsDir)
  const harness = await HarnessCopy.make(path.resolve(options.harnessDir), path.join(runDir, 'harness'), options.logger)
  const harnessDir = harness.directory
  const sandbox = await createSandbox({
    harnessDir,
    runDir,
    folders: [versionsDir, environmentsDir],
    highestLevel: options.highestLevel ?? 'strict',
  })
  options.logger.info(sandbox.report, `sandbox: ${sandbox.report.level}`)
  const { allowUnsandboxed, logger } = options
  const folders = { harnessDir, versionsDir, environmentsDir, runDir }
  const builder = new AlgorithmBuilder({
    ...folders,
    sandbox,
    allowUnsandboxed,
    timeoutMs: options.buildTimeoutMs,
    logger,
  })
  const host = {
    ...folders,
    harness,
    pipes: new PipeStock(path.join(runDir, 'pipes')),
    sandbox,
    api: options.api,
    allowedEgress: options.allowedEgress ?? [],
    egressAllowList: options.policy?.egressAllowList ?? [],
    logger,
  }
  const pool = new WorkerPool({
    host,
    allowUnsandboxed,
    maxWorkers: options.maxWorkers,
    maxQueuedMs: options.maxQueuedMs,
    idleMs: options.idleMs,
    surplusIdleMs: options.surplusIdleMs,
    maxCalls: options.maxCalls,
    keptRestartMs: options.keptRestartMs,
    policy: options.policy,
  })
  const runtime: Runtime = {
    invoke: (version, input, callOptions) =>
      input.isGuess ? invokeGuess(pool, version, input, callOptions) : pool.invoke(version, input, callOptions),
    keepWarm: (version) => pool.keepWarm(version),
    drop: (algorithmId) => pool.drop(algorithmId),
    configure: (policy) => pool.configure(policy),
    stats: () => pool.stats(),
    close: async (graceMs) => {
      await Promise.all([pool.close(graceMs), builder.close()])
      await sandbox.close()
      await harness.close()
      await rm(runDir, { recursive: true, force: true })
    },
  }
  const isRefused = sandbox.report.level === 'none' && !allowUnsandboxed
  return { runtime, builder, sandbox: isRefused ? { ...sandbox.report, isRefused } : sandbox.report }
}

/** A folder that sandboxes are shown parts of: their kernel user must get through, whatever the umask is. */
async function makeSharedFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
}

/** Run directories of servers that were killed; they are named after processes that are gone. */
async function removeStaleRuns(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (Number(name) !== process.pid && isAlive(Number(name))) continue
    await rm(path.join(folder, name), { recursive: true, force: true })
  }
}
