import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import type { Engine } from '../engine'
import { type ConnectedFlow, makeConnectedFlow, makeEngine } from './engine-fixture'
import { waitUntil } from './wait-until'

/** Real parts on a machine that runs other suites too; what is waited for comes much sooner when it is idle. */
const TEST_TIMEOUT_MS = 90_000

/**
 * A database and a broker for a test file, and engines that end with the test that started them. With `faults` the
 * broker has its fault switches (docs/broker.md), which each test leaves as it found them.
 */
export function testEngines({ faults = false } = {}) {
  let database: TestDatabase
  let broker: TestBroker
  let running: Engine[] = []

  vi.setConfig({ testTimeout: TEST_TIMEOUT_MS })
  beforeAll(async () => {
    database = await testDatabase()
    broker = await testBroker({ faults })
  })
  const fault = (method: string, path = '', body?: unknown) =>
    fetch(`http://127.0.0.1:${broker.port}/$faults${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  afterEach(async () => {
    if (faults) await Promise.all([fault('DELETE'), fault('POST', '/thaw')])
    await Promise.all(running.map((engine) => engine.stop(0)))
    running = []
    await database.db.eventFlow.deleteMany()
  })
  afterAll(async () => {
    await broker.close()
    await database.close()
  })
  return {
    get db() {
      return database.db
    },
    get broker() {
      return broker
    },
    connect: (options: Parameters<typeof makeConnectedFlow>[2] = {}) => makeConnectedFlow(database.db, broker, options),
    fault,
    start: async (...args: Parameters<typeof makeEngine>) => {
      const made = makeEngine(...args)
      running.push(made.engine)
      await made.engine.start()
      return made
    },
  }
}

/** Waits until as many executions of the flow are settled, and hands back all of them. */
export function settledExecutions(flow: ConnectedFlow, count: number) {
  return waitUntil(`${count} executions are settled`, async () => {
    const executions = await flow.executions()
    return executions.filter(({ settledAt }) => settledAt).length >= count && executions
  })
}
