import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { env } from '@/lib/env'
import { logger } from '@/lib/logger'
import type { Runtime } from '@/lib/runtime/port'
import { setStorage } from '@/lib/storage/current'
import { connectServiceBus } from '../broker/service-bus'
import type { EngineOptions } from '../engine-options'
import { makeEngine } from './engine-fixture'
import { armFailpoint, parseFailpoint } from './failpoint'
import { shiftClock } from './shift-clock'

export type EngineProcessOptions = {
  /** Run the versions themselves, in sandboxed workers; without it a script stands in for them. */
  isReal?: boolean
  /** How long each run of the script takes. */
  runMs?: number
  /** How much each result of the script holds; one that is larger than a row takes goes to storage. */
  resultBytes?: number
  /** How far its clock is ahead; negative: behind. */
  clockOffMs?: number
  engine?: Pick<EngineOptions, 'reconcileMs' | 'leaseMs' | 'drainMs' | 'slots' | 'watchdog'>
}

const WORKERS_GRACE_MS = 1_000

/**
 * Runs an engine as a process of its own, with options from the first argument; SIGTERM stops it in order, and
 * HEADRACE_FAILPOINT kills it at a step of a delivery.
 */
const options = JSON.parse(process.argv[2] ?? '{}') as EngineProcessOptions

if (options.clockOffMs) shiftClock(options.clockOffMs)
const failpoint = armFailpoint(parseFailpoint(process.env.HEADRACE_FAILPOINT))
setStorage(failpoint.storage(path.join(env().HEADRACE_DATA, 'files')))
const workers = options.isReal ? await startWorkers() : undefined

const { engine } = makeEngine(
  async (input) => {
    process.send?.({ running: input })
    if (options.runMs) await sleep(options.runMs)
    // Every hundredth message is not to be digested.
    if (input.endsWith('poison')) throw new Error('it raised')
    return 'ran'.padEnd(options.resultBytes ?? 0, '.')
  },
  {
    ...options.engine,
    runtimeWrapper: (scripted) => failpoint.runtime(workers ?? scripted),
    connectBroker: failpoint.connectBroker(connectServiceBus),
  },
)
let isStopping = false
process.on('SIGTERM', () => {
  if (isStopping) engine.hurry()
  else void stop()
  isStopping = true
})
// Whoever started it has died.
process.on('disconnect', () => process.exit(1))
await engine.start()
process.send?.('started')

async function stop(): Promise<void> {
  await engine.stop()
  await workers?.close(WORKERS_GRACE_MS)
  process.exit(0)
}

async function startWorkers(): Promise<Runtime> {
  // Loaded where it is used: most engines of tests do without.
  const { createRuntime } = await import('@/lib/runtime/create-runtime')
  const { runtime } = await createRuntime({
    dataDir: env().HEADRACE_DATA,
    harnessDir: path.join(env().HEADRACE_ROOT, 'lib/runtime/harness'),
    api: async () => Response.json({ error: { message: 'There is no API in this test.' } }, { status: 404 }),
    allowUnsandboxed: env().HEADRACE_ALLOW_UNSANDBOXED === '1',
    logger: logger.child({ component: 'runtime' }),
  })
  return runtime
}
