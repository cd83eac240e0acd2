import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { startResubmit } from '../commands/start-job'
import type { JobCrashStep } from '../testing/job-process'
import { bodiesIn, makeDeadLetters, makeToolFlow } from '../testing/tool-fixture'
import { getJob } from './queries'
import { startJobRunner } from './runner'

vi.setConfig({ testTimeout: 150_000 })

const PROCESS = fileURLToPath(new URL('../testing/job-process.ts', import.meta.url))

let database: TestDatabase
let broker: TestBroker

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker()
})
afterAll(async () => {
  await broker.close()
  await database.close()
})

describe('a process that dies while it resubmits', () => {
  it('after a copy was sent leaves its dead letter in place, and the job says so', async () => {
    const { queue, deadLetters, job } = await resubmitAcrossCrash('after a copy was sent')
    expect(job).toMatchObject({ state: 'finished', total: 1, doneCount: 0, failedCount: 1 })
    expect(job.items).toMatchObject([{ state: 'in_doubt', note: expect.stringContaining('may be on the queue') }])
    expect(queue).toEqual(['"precious"'])
    expect(deadLetters).toEqual(['"precious"'])
  })

  it('before a dead letter is completed sends nothing twice: the next one completes it', async () => {
    const { queue, deadLetters, job } = await resubmitAcrossCrash('before its dead letter is completed')
    expect(job).toMatchObject({ state: 'finished', total: 1, doneCount: 1, failedCount: 0, items: [] })
    expect(queue).toEqual(['"precious"'])
    expect(deadLetters).toEqual([])
  })
})

async function resubmitAcrossCrash(step: JobCrashStep) {
  const flow = await makeToolFlow(database.db, broker, { lockDurationMs: 5_000 })
  await makeDeadLetters(flow, [{ body: '"precious"' }])
  const { jobId } = await startResubmit(flow.owner.ctx, { flowId: flow.id, keepMessageId: true })
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, step], { stdio: 'ignore' })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  const runner = startJobRunner({ pollMs: 100 })
  const job = await waitUntil(
    'another process has ended the job',
    async () => {
      const found = await getJob(flow.owner.ctx, { flowId: flow.id, jobId })
      return found.state === 'finished' && found
    },
    90_000,
  )
  await runner.stop()
  return { job, queue: await bodiesIn(flow, 'queue'), deadLetters: await bodiesIn(flow, 'dead_letter') }
}
