import type { Logger } from '@/lib/logger'
import type { CurrentRuntime } from './current'
import type { WorkerApi } from './port'

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
  logger: Logger
}

/**
 * Finds out how far algorithms can be kept apart here, then makes the runtime and the builder on it.
 * Close it with `runtime.close(graceMs)`.
 */
export async function createRuntime(_options: RuntimeOptions): Promise<CurrentRuntime> {
  throw new Error('the runtime is not built yet')
}
