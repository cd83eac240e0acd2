import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeBuilds, openBuilds } from '@/lib/builds/queue'
import { systemContext } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { startSweeper } from '@/lib/data/sweeper'
import { db } from '@/lib/db'
import { namespaceHostOf, parseConnectionString } from '@/lib/engine/broker/connection-string'
import { connectServiceBus } from '@/lib/engine/broker/service-bus'
import { shareConnections } from '@/lib/engine/broker/shared-connections'
import { setCurrentEngine } from '@/lib/engine/current'
import { Engine } from '@/lib/engine/engine'
import { env } from '@/lib/env'
import { syncEnvironments } from '@/lib/environments/commands/sync-environments'
import { whenRunsAgainEnd } from '@/lib/executions/commands/run-again'
import { startRetention } from '@/lib/executions/retention'
import { closeLiveConnections } from '@/lib/live/connections'
import { startLiveRelay } from '@/lib/live/relay'
import { componentLogger } from '@/lib/logger'
import { startEnvironmentCollector } from '@/lib/package-environments/collector'
import { startJobRunner } from '@/lib/queue-tools/jobs/runner'
import { createRuntime } from '@/lib/runtime/create-runtime'
import { currentRuntime, setCurrentRuntime } from '@/lib/runtime/current'
import { closeInheritedDescriptors } from '@/lib/runtime/processes/inherited-descriptors'
import { followRuntimeSettings } from '@/lib/settings/follow'
import { readLimitsMark, readRuntimeSettings } from '@/lib/settings/queries'
import { policyOf } from '@/lib/settings/schema'
import { startTracing } from '@/lib/telemetry/start-tracing'
import { resolveForFlow } from '@/lib/versions/resolve'
import { mayRunUnsandboxed } from './may-run-unsandboxed'
import { type Part, startParts } from './parts'
import { answerWorker } from './worker-api'

const log = componentLogger('host')

const DATABASE_WAIT_MS = 30_000
const DATABASE_POLL_MS = 500
const RUNTIME_GRACE_MS = 5_000

export interface RunningHost {
  readonly isStopping: boolean
  /** Stops everything in reverse order. A second call hurries the first: what still runs is given back at once. */
  stop(reason: string): Promise<void>
}

/**
 * Starts the parts of a server process in this order; stopping is its reverse. Safe to stop in mid-start. Throws what
 * the part threw that did not start, with the others stopped again.
 */
export function startHost(): RunningHost & { started: Promise<void> } {
  const aborted = new AbortController()
  let engine: Engine | undefined
  const role = env().HEADRACE_ROLE
  const parts = [
    tracing,
    ...(role === 'engine' ? [] : [liveConnections]),
    database,
    runsBesideQueues,
    liveRelay,
    // One of the processes that share the storage is enough.
    ...(role === 'engine' ? [] : [sweeper, environments]),
    runtime,
    ...(role === 'engine' ? [] : [retention, queueJobs]),
    // An engine beside a web server leaves the machine to the flows.
    ...(role === 'engine' ? [] : [builds]),
    ...(role === 'web' ? [] : [enginePart((made) => (engine = made))]),
  ]
  const starting = startParts(parts, aborted.signal)
  let stopped: Promise<void> | undefined
  const stop = async (reason: string) => {
    log.info({ reason }, 'stops')
    aborted.abort(new Error(`stopped in mid-start: ${reason}`))
    await starting.then(
      (running) => running.stop(),
      () => {},
    )
  }
  return {
    get isStopping() {
      return stopped !== undefined
    },
    started: starting.then(() => {}),
    stop: (reason) => {
      if (stopped) engine?.hurry()
      stopped ??= stop(reason)
      return stopped
    },
  }
}

/** Stands first, so that it ends last: pages see their changes until everything else has stopped. */
const liveConnections: Part = { name: 'live connections', start: async () => async () => closeLiveConnections() }

/** Spans of the last messages are sent after everything else has stopped. */
const tracing: Part = { name: 'tracing', start: () => startTracing() }

/** Changes made by other processes reach this one's pages and engine, and the other way round. */
const liveRelay: Part = {
  name: 'live relay',
  start: async () => {
    const relay = startLiveRelay(env().DATABASE_URL, componentLogger('live'))
    await relay.ready
    return () => relay.stop()
  },
}

const database: Part = {
  name: 'database',
  start: async () => {
    for (const end = Date.now() + DATABASE_WAIT_MS; ; await sleep(DATABASE_POLL_MS)) {
      try {
        await db().$queryRaw`SELECT 1`
        return () => db().$disconnect()
      } catch (error) {
        if (Date.now() > end) throw new Error('The database (DATABASE_URL) does not answer.', { cause: error })
      }
    }
  },
}

/** Stands before the runtime, so that its stop comes after: the runs that the runtime has killed are written down. */
const runsBesideQueues: Part = { name: 'runs beside queues', start: async () => whenRunsAgainEnd }

const retention: Part = { name: 'retention', start: async () => startRetention() }

const queueJobs: Part = {
  name: 'queue jobs',
  start: async () => {
    const runner = startJobRunner()
    return () => runner.stop()
  },
}

/** Removes what crashes left in storage. */
const sweeper: Part = { name: 'sweeper', start: async () => startSweeper() }

const environments: Part = {
  name: 'environments',
  start: async () => {
    const found = await syncEnvironments(systemContext('host'))
    if (found.length === 0) log.warn('no language runtime was found: algorithms can be neither built nor run')
    return async () => {}
  },
}

const runtime: Part = {
  name: 'runtime',
  start: async () => {
    const { HEADRACE_DATA, HEADRACE_ROOT } = env()
    const settings = await readRuntimeSettings()
    closeInheritedDescriptors()
    const current = await createRuntime({
      dataDir: HEADRACE_DATA,
      harnessDir: path.join(HEADRACE_ROOT, 'lib/runtime/harness'),
      api: answerWorker,
      allowUnsandboxed: mayRunUnsandboxed(env()),
      allowedEgress: embeddedBrokerAddress(),
      policy: policyOf(settings),
      logger: componentLogger('runtime'),
    })
    setCurrentRuntime(current)
    const stopFollowing = followRuntimeSettings(current.runtime, settings)
    return async () => {
      stopFollowing()
      setCurrentRuntime(undefined)
      await current.runtime.close(RUNTIME_GRACE_MS)
    }
  },
}

const builds: Part = {
  name: 'builds',
  start: async () => {
    openBuilds()
    const stopCollector = startEnvironmentCollector()
    return async () => {
      await stopCollector()
      await closeBuilds()
    }
  },
}

function enginePart(onMade: (engine: Engine) => void): Part {
  return {
    name: 'engine',
    start: async () => {
      const engine = new Engine({
        runtime: currentRuntime().runtime,
        connectBroker: shareConnections(connectServiceBus),
        resolve: resolveForFlow,
        limitsMark: readLimitsMark,
        unseal: (sealed) => decrypt(sealed),
        logger: componentLogger('engine'),
        drainMs: env().HEADRACE_DRAIN_SECONDS * 1_000,
      })
      onMade(engine)
      setCurrentEngine(engine)
      await engine.start()
      return async () => {
        // Pages see it drain.
        await engine.stop()
        setCurrentEngine(undefined)
      }
    },
  }
}

/** Algorithms may reach the embedded broker although it is on loopback: they may publish to it. */
function embeddedBrokerAddress(): string[] {
  const { HEADRACE_EMBEDDED_BROKER } = env()
  return HEADRACE_EMBEDDED_BROKER ? [namespaceHostOf(parseConnectionString(HEADRACE_EMBEDDED_BROKER))] : []
}
