import type { Context } from '@/lib/context'
import { requireAdmin } from '@/lib/context'
import { currentRuntime } from '@/lib/runtime/current'
import type { SandboxReport } from '@/lib/runtime/port'
import { checkBroker } from './health/broker'
import { checkDatabase } from './health/database'
import { checkEngine } from './health/engine'
import type { HealthCheck } from './health/port'
import { checkSandbox } from './health/sandbox'
import { checkStorage } from './health/storage'

/** The health of every part, for administrators; each part is asked now, all at the same time. */
export async function getHealth(ctx: Context): Promise<HealthCheck[]> {
  requireAdmin(ctx)
  return await Promise.all([checkEngine(), checkBroker(), checkDatabase(), checkStorage(), checkSandbox()])
}

/** How algorithms are kept apart here, when they are not at all: everybody who signs in must know. Null otherwise. */
export function getSandboxWarning(): SandboxReport | null {
  try {
    const { sandbox } = currentRuntime()
    return sandbox.level === 'none' ? sandbox : null
  } catch {
    // The server is starting: nothing runs yet, so nothing runs unprotected.
    return null
  }
}
