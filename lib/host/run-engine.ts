import { env } from '@/lib/env'
import { componentLogger } from '@/lib/logger'
import { startEngineServer } from './engine-server'
import { startHost } from './start'

const log = componentLogger('host')

/** Beyond the drain time: for what the stop still writes, and for workers to end. */
const STOP_LIMIT_MS = 15_000

/**
 * Runs the engine alone in this process until `signals.stop` ends: then it drains, and `signals.force` hurries it. Its
 * health port answers from before the start until after the stop.
 * @returns the process's exit code
 */
export async function runEngine(signals: { stop: AbortSignal; force: AbortSignal }): Promise<number> {
  const { HEADRACE_ENGINE_PORT, HEADRACE_DRAIN_SECONDS, HOSTNAME } = env()
  const server = await startEngineServer(HEADRACE_ENGINE_PORT, HOSTNAME)
  log.info({ port: server.port }, 'health and metrics are served')
  const host = startHost()
  const stopped = new Promise<void>((resolve) => {
    const stop = (reason: string) => {
      // A stop that hangs must not keep a rolling update waiting for ever.
      setTimeout(() => process.exit(1), HEADRACE_DRAIN_SECONDS * 1_000 + STOP_LIMIT_MS).unref()
      void host.stop(reason).finally(resolve)
    }
    whenAborted(signals.stop, stop)
    whenAborted(signals.force, stop)
  })
  const failure = await Promise.race([host.started.catch((error: unknown) => ({ error })), stopped])
  if (failure && !host.isStopping) {
    log.fatal({ err: failure.error }, 'the engine could not start')
    await server.close()
    return 1
  }
  // Whoever started it may be gone by now; that is no error of ours.
  process.send?.({ event: 'ready', port: server.port }, undefined, undefined, () => {})
  await stopped
  await server.close()
  return 0
}

function whenAborted(signal: AbortSignal, act: (reason: string) => void): void {
  if (signal.aborted) act(String(signal.reason))
  else signal.addEventListener('abort', () => act(String(signal.reason)), { once: true })
}
