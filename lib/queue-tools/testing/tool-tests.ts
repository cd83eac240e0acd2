import { afterAll, beforeAll } from 'vitest'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { getJob } from '../jobs/queries'
import { type JobRunner, startJobRunner } from '../jobs/runner'
import { type MadeFlow, makeToolFlow } from './tool-fixture'

/** What tests of the queue tools stand on: a real broker, a real database, and a process' runner of jobs. */
export type ToolTests = {
  database: TestDatabase
  broker: TestBroker
  makeFlow(queue?: Parameters<typeof makeToolFlow>[2]): Promise<MadeFlow>
}

/** Starts it before a file's tests and ends it after them. `isRunning` false leaves the runner of jobs to the test. */
export function prepareToolTests({ isRunning = true } = {}): ToolTests {
  const tests = {} as ToolTests
  let runner: JobRunner | undefined
  beforeAll(async () => {
    tests.database = await testDatabase()
    tests.broker = await testBroker()
    tests.makeFlow = (queue = {}) => makeToolFlow(tests.database.db, tests.broker, queue)
    if (isRunning) runner = startJobRunner({ pollMs: 50 })
  })
  afterAll(async () => {
    await runner?.stop()
    await tests.broker?.close()
    await tests.database?.close()
  })
  return tests
}

/** Messages with bodies `{"n":0}`, `{"n":1}`, … and ids `m0`, `m1`, … */
export const numbered = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ body: `{"n":${n}}`, messageId: `m${n}` }))

/** Resolves to the job when nobody works on it any more. */
export const untilEnded = (flow: MadeFlow, jobId: string) =>
  waitUntil('the job has ended', async () => {
    const job = await getJob(flow.owner.ctx, { flowId: flow.id, jobId })
    return ['finished', 'failed', 'canceled', 'paused'].includes(job.state) && job
  })

/** A job that somebody has paused before it began. */
export function makePausedJob({ database }: ToolTests, flow: MadeFlow): Promise<{ id: string }> {
  return database.db.queueJob.create({
    data: {
      flowId: flow.id,
      kind: 'resubmit',
      place: 'dead_letter',
      state: 'paused',
      request: { kind: 'resubmit', keepMessageId: true },
      requestedBy: 'a test',
    },
    select: { id: true },
  })
}
