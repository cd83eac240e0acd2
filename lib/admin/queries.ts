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

const FRESH_MS = 2_000
let latest: { at: number; checks: Promise<HealthCheck[]> } | undefined

/** The health of every part, for administrators, at most two seconds old: busy flows refresh the dashboard often. */
export async function getHealth(ctx: Context): Promise<HealthCheck[]> {
  requireAdmin(ctx)
  if (!latest || performance.now() - latest.at > FRESH_MS) latest = { at: performance.now(), checks: checkAllParts() }
  return await latest.checks
}

/** Asks each part now, all at the same time. Never rejects: a part that fails is an answer. */
export async function checkAllParts(): Promise<HealthCheck[]> {
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
