import { componentLogger } from '@/lib/logger'
import type { Runtime } from '@/lib/runtime/port'
import { readRuntimeSettings } from './queries'
import { policyOf, type RuntimeSettings } from './schema'

const log = componentLogger('settings')

/** How late this process takes over what an administrator set in another one. */
const CHECK_INTERVAL_MS = 10_000

/** Keeps a runtime at the settings of the database, whichever process changes them. Returns how to stop. */
export function followRuntimeSettings(
  runtime: Pick<Runtime, 'configure'>,
  first: RuntimeSettings,
  intervalMs = CHECK_INTERVAL_MS,
): () => void {
  let known = JSON.stringify(first)
  const timer = setInterval(async () => {
    try {
      const settings = await readRuntimeSettings()
      if (JSON.stringify(settings) === known) return
      known = JSON.stringify(settings)
      runtime.configure(policyOf(settings))
    } catch (error) {
      log.debug({ err: error }, 'the settings can not be read now') // the engine says when the database is away
    }
  }, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}
