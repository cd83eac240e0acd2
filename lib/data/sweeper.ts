import { setTimeout as sleep } from 'node:timers/promises'
import { systemContext } from '@/lib/context'
import { componentLogger } from '@/lib/logger'
import { sweepObjects } from './commands/sweep-objects'

/** Not at once: a server that starts has better things to do. */
const FIRST_AFTER_MS = 10 * 60 * 1000
const EVERY_MS = 24 * 60 * 60 * 1000

const log = componentLogger('data')

/** Sweeps storage once a day until it is stopped. @returns how to stop it; a sweep under way ends early. */
export function startSweeper(delays = { firstAfterMs: FIRST_AFTER_MS, everyMs: EVERY_MS }): () => Promise<void> {
  const stopping = new AbortController()
  const running = sweepForever(delays, stopping.signal)
  return () => {
    stopping.abort()
    return running
  }
}

async function sweepForever(delays: { firstAfterMs: number; everyMs: number }, signal: AbortSignal): Promise<void> {
  for (let delayMs = delays.firstAfterMs; !signal.aborted; delayMs = delays.everyMs) {
    try {
      await sleep(delayMs, undefined, { signal, ref: false })
      const removed = await sweepObjects(systemContext('sweeper'), { signal })
      if (removed.objects + removed.partials > 0) log.info(removed, 'swept storage')
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'storage could not be swept; the next try is in a day')
    }
  }
}
