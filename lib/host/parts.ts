import { componentLogger } from '@/lib/logger'

const log = componentLogger('host')

/** One part of a server process: starts, and says how to stop what it started. */
export type Part = { name: string; start(): Promise<StopPart> }
export type StopPart = () => Promise<void>

/** The parts that run, and how to end them. */
export interface RunningParts {
  /** Stops in reverse order; a part that fails to stop does not keep the others running. Later calls wait too. */
  stop(): Promise<void>
}

/**
 * Starts parts one after the other. When one fails, or `signal` ends, those that run are stopped again, in reverse
 * order, and the failure is thrown.
 */
export async function startParts(parts: readonly Part[], signal: AbortSignal): Promise<RunningParts> {
  const stops: { name: string; stop: StopPart }[] = []
  let stopped: Promise<void> | undefined
  const running: RunningParts = {
    stop: () => {
      stopped ??= stopAll(stops)
      return stopped
    },
  }
  try {
    for (const part of parts) {
      signal.throwIfAborted()
      const startedAt = performance.now()
      stops.push({ name: part.name, stop: await part.start() })
      log.info({ part: part.name, tookMs: Math.round(performance.now() - startedAt) }, 'started')
    }
    signal.throwIfAborted()
  } catch (error) {
    await running.stop()
    throw error
  }
  return running
}

async function stopAll(stops: { name: string; stop: StopPart }[]): Promise<void> {
  for (const { name, stop } of stops.toReversed()) {
    try {
      await stop()
      log.info({ part: name }, 'stopped')
    } catch (error) {
      log.error({ part: name, err: error }, 'a part did not stop cleanly')
    }
  }
}
