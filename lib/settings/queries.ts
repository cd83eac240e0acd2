import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import { MIB } from '@/lib/runtime/limits'
import { defaultBudgetBytes } from '@/lib/runtime/workers/memory-budget'
import { type LimitMaxima, RuntimeSettings } from './schema'

/** The row of the table that holds them. */
export const RUNTIME_SETTINGS_KEY = 'runtime'
/** How late a process notices what another one changed. */
const FRESH_MS = 5_000

// Next bundles this module more than once; what a command of this process changed holds for all of it at once.
const shared = globalThis as unknown as { headraceSettings?: { at: number; settings: Promise<RuntimeSettings> } }

/** The settings for workers, for administrators to change. */
export async function getRuntimeSettings(ctx: Context): Promise<RuntimeSettings> {
  requireAdmin(ctx)
  return readFromDatabase()
}

/** The settings for workers, at most five seconds old: each call of an algorithm asks. */
export async function readRuntimeSettings(): Promise<RuntimeSettings> {
  const latest = shared.headraceSettings
  if (latest && performance.now() - latest.at <= FRESH_MS) return latest.settings
  const settings = readFromDatabase()
  shared.headraceSettings = { at: performance.now(), settings }
  settings.catch(forgetRuntimeSettings)
  return settings
}

/** What all workers together may use while nobody has set it, in MiB. */
export function usualMemoryBudgetMib(): number {
  return Math.floor(defaultBudgetBytes() / MIB)
}

/** The maxima that an algorithm's own limits must keep. */
export async function readLimitMaxima(): Promise<LimitMaxima> {
  return (await readRuntimeSettings()).maxima
}

/** The maxima as a word that differs when they do. As old as what is resolved in the same moment, never newer. */
export async function readLimitsMark(): Promise<string> {
  return JSON.stringify(await readLimitMaxima())
}

/** After a change in this process. */
export function forgetRuntimeSettings(): void {
  shared.headraceSettings = undefined
}

async function readFromDatabase(): Promise<RuntimeSettings> {
  const row = await db().setting.findUnique({ where: { key: RUNTIME_SETTINGS_KEY }, select: { value: true } })
  const stored = RuntimeSettings.safeParse(row?.value ?? {})
  // An entry that a newer version would refuse must not stop every algorithm.
  return stored.success ? stored.data : RuntimeSettings.parse({})
}
