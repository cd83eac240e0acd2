import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { startResubmit } from '../commands/start-job'
import type { JobCrashStep } from '../testing/job-process'
import { bodiesIn, makeDeadLetters } from '../testing/tool-fixture'
import { prepareToolTests } from '../testing/tool-tests'
import { getJob } from './queries'
import { startJobRunner } from './runner'

vi.setConfig({ testTimeout: 150_000 })

const PROCESS = fileURLToPath(new URL('../testing/job-process.ts', import.meta.url))

const tests = prepareToolTests({ isRunning: false })

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
  const flow = await tests.makeFlow({ lockDurationMs: 5_000 })
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
