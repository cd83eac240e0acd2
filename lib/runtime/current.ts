import { AppError } from '@/lib/errors'
import type { Builder, Runtime, SandboxReport } from './port'

/** The process's runtime, put here by lib/host when it starts and taken away when it stops. */
export type CurrentRuntime = { runtime: Runtime; builder: Builder; sandbox: SandboxReport }

// Next bundles this module more than once; all share one runtime.
const shared = globalThis as unknown as { headraceRuntime?: CurrentRuntime }

export function setCurrentRuntime(current: CurrentRuntime | undefined): void {
  shared.headraceRuntime = current
}

/** Throws `unavailable` while the server starts or stops. */
export function currentRuntime(): CurrentRuntime {
  if (shared.headraceRuntime) return shared.headraceRuntime
  throw new AppError('unavailable', 'The runtime is not running: the server is starting or stopping. Try again.')
}
