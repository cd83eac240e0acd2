import { systemContext } from '@/lib/context'
import { componentLogger } from '@/lib/logger'
import { collectUnusedEnvironments } from './commands/collect-unused'

const log = componentLogger('environments')

const INTERVAL_MS = 3_600_000

/** Removes unused package environments at the start and each hour; returns how to stop. */
export function startEnvironmentCollector(): () => Promise<void> {
  let running = collect()
  const timer = setInterval(() => {
    running = running.then(collect)
  }, INTERVAL_MS)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}

async function collect(): Promise<void> {
  try {
    const count = await collectUnusedEnvironments(systemContext('environments'))
    if (count > 0) log.info({ count }, 'unused package environments were removed')
  } catch (error) {
    log.warn({ err: error }, 'unused package environments can not be removed now')
  }
}
