import { currentRuntime } from '@/lib/runtime/current'
import { MIB } from '@/lib/runtime/limits'
import type { SandboxLevel } from '@/lib/runtime/port'
import type { HealthCheck } from './port'

const LEVELS: Record<SandboxLevel, { status: HealthCheck['status']; summary: string }> = {
  strict: { status: 'ok', summary: 'Strict: separate namespaces and enforced limits' },
  standard: { status: 'ok', summary: 'Standard: separate namespaces, limits kept by a watchdog' },
  none: { status: 'warning', summary: 'None: algorithms can read and change what this server can' },
}
const REFUSED = { status: 'down', summary: 'None: algorithms do not run here, nobody opted in' } as const

/** What the start found by really running the sandbox. */
export async function checkSandbox(): Promise<HealthCheck> {
  try {
    const { runtime, sandbox } = currentRuntime()
    const { workers, busy, starts, memoryBytes, memoryBudgetBytes } = runtime.stats()
    return {
      part: 'Sandbox',
      ...(sandbox.isRefused ? REFUSED : LEVELS[sandbox.level]),
      details: [
        ...sandbox.reasons,
        `Workers: ${workers} (${busy} at work), ${starts} started since the server runs.`,
        `Their memory: ${inMib(memoryBytes)} of at most ${inMib(memoryBudgetBytes)} MiB.`,
      ],
      ...(sandbox.fix && { fix: sandbox.fix }),
    }
  } catch {
    return {
      part: 'Sandbox',
      status: 'down',
      summary: 'The runtime is not running',
      details: ['The server is starting or stopping.'],
    }
  }
}

/** Rounded down, as in the settings. */
function inMib(bytes: number): number {
  return Math.floor(bytes / MIB)
}
