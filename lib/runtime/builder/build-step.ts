import { rm } from 'node:fs/promises'
import path from 'node:path'
import { type EgressRules, NO_EGRESS } from '../gate/egress'
import { openGate } from '../gate/gate'
import { BUILD_LIMITS, type SandboxLimits } from '../limits'
import type { Mount, Sandbox, SandboxExit } from '../sandbox/sandbox'
import { makePrivateFolder } from '../sandbox/worker-identity'
import { type BuildFailed, whyStopped } from './build-failure'
import { lineSplitter } from './build-log'

/** One command of a build, in a sandbox of its own. */
export type BuildStep = {
  argv: (locate: (mount: Mount) => string) => string[]
  workingDirectory?: Mount
  environment?: Record<string, string>
  readOnly: Mount[]
  writable: Mount[]
  interpreterPath: string
  limits?: SandboxLimits
  rules?: EgressRules
  /** For a step that should be quick; all have the time of the build. */
  timeoutMs?: number
}

/** `stopped`: the build was cancelled or its time was over. */
export type StepOutcome = { exit: SandboxExit; hasTimedOut: boolean; stopped: BuildFailed | undefined }

const GATE_INSIDE = '/run/headrace/gate.sock'
/** Where a build's relay listens inside; see harness/python/build.py. */
const PROXY_PORT = 3128

/** Runs a step to its end; its output goes to `onLine` as it comes. */
export async function runStep(
  sandbox: Sandbox,
  runDir: string,
  step: BuildStep,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<StepOutcome> {
  const runDirectory = await makePrivateFolder(path.join(runDir, 'b-'))
  const gate = await openGate({
    directory: runDirectory,
    rules: { closedBecause: 'this step of a build has no network', ...(step.rules ?? NO_EGRESS) },
    tunnels: [],
    onRefused: onLine,
  })
  try {
    const gateMount = { host: gate.socketPath, inside: GATE_INSIDE }
    const locate = (mount: Mount) => sandbox.locate(mount)
    const port = sandbox.report.level === 'none' ? 0 : PROXY_PORT
    const process = await sandbox.start({
      argv: step.argv(locate),
      workingDirectory: step.workingDirectory ? locate(step.workingDirectory) : '/',
      environment: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: '/tmp',
        TMPDIR: '/tmp',
        LANG: 'C.UTF-8',
        PYTHONUNBUFFERED: '1',
        HEADRACE_RELAY: `127.0.0.1:${port}=${locate(gateMount)}`,
        ...step.environment,
      },
      readOnly: step.readOnly,
      writable: [...step.writable, gateMount],
      interpreterPath: step.interpreterPath,
      limits: step.limits ?? BUILD_LIMITS,
      runDirectory,
    })
    let hasTimedOut = false
    const onTimeout = () => {
      hasTimedOut = true
      process.kill()
    }
    const timer = step.timeoutMs ? setTimeout(onTimeout, step.timeoutMs) : undefined
    const onAbort = () => process.kill()
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    process.stdin.end()
    process.setBusy(true)
    for (const stream of [process.stdout, process.stderr]) {
      const lines = lineSplitter(onLine)
      stream.on('data', lines.push)
      stream.on('end', lines.end)
    }
    const exit = await process.exited
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    return { exit, hasTimedOut, stopped: whyStopped(signal) }
  } finally {
    await gate.close()
    await rm(runDirectory, { recursive: true, force: true })
  }
}
