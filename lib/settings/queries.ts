import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import { RuntimeSettings } from './schema'

/** The row of the table that holds them. */
export const RUNTIME_SETTINGS_KEY = 'runtime'
/** How late a process notices what another one changed. */
const FRESH_MS = 5_000

let latest: { at: number; settings: Promise<RuntimeSettings> } | undefined

/** The settings for workers, for administrators to change. */
export async function getRuntimeSettings(ctx: Context): Promise<RuntimeSettings> {
  requireAdmin(ctx)
  return readFromDatabase()
}

/** The settings for workers, at most five seconds old: each call of an algorithm asks. */
export async function readRuntimeSettings(): Promise<RuntimeSettings> {
  if (!latest || performance.now() - latest.at > FRESH_MS) {
    const settings = readFromDatabase()
    latest = { at: performance.now(), settings }
    settings.catch(forgetRuntimeSettings)
  }
  return latest.settings
}

/** After a change in this process. */
export function forgetRuntimeSettings(): void {
  latest = undefined
}

async function readFromDatabase(): Promise<RuntimeSettings> {
  const row = await db().setting.findUnique({ where: { key: RUNTIME_SETTINGS_KEY }, select: { value: true } })
  const stored = RuntimeSettings.safeParse(row?.value ?? {})
  // An entry that a newer version would refuse must not stop every algorithm.
  return stored.success ? stored.data : RuntimeSettings.parse({})
}
