import { describe, expect, it, vi } from 'vitest'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { deferred } from '@/lib/testing/deferred'
import type { OpenQueueTools } from '../broker/port'
import { openQueueTools } from '../broker/service-bus'
import { cancelJob, pauseJob, resumeJob } from '../commands/control-job'
import { startResubmit } from '../commands/start-job'
import { bodiesIn, type MadeFlow, makeDeadLetters } from '../testing/tool-fixture'
import { numbered, prepareToolTests, untilEnded } from '../testing/tool-tests'
import { startJobRunner } from './runner'

vi.setConfig({ testTimeout: 90_000 })

const MESSAGES = 120
/** The copy at which the job is made to stand still: one of its second batch. */
const HELD_COPY = 60

const tests = prepareToolTests({ isRunning: false })

describe('a job that runs', () => {
  it('rests when it is paused: what is in hand is ended, nothing else is taken, and it goes on when resumed', async () => {
    const { flow, jobId, runner, ctx } = await holdInMidRun()
    await pauseJob(ctx, { id: jobId })
    await runner.goOn()
    expect(await untilLetGo(jobId)).toMatchObject({ state: 'paused', note: `Paused by ${flow.owner.account.name}.` })
    const paused = await untilEnded(flow, jobId)
    expect(paused).toMatchObject({ state: 'paused', total: MESSAGES, doneCount: 100, finishedAt: null })
    expect(await bodiesIn(flow, 'dead_letter')).toHaveLength(20)
    expect(await bodiesIn(flow, 'queue')).toHaveLength(100)

    await resumeJob(ctx, { id: jobId })
    await waitUntil('the job has finished', async () => (await untilEnded(flow, jobId)).state === 'finished')
    await runner.stop()
    expect(await untilEnded(flow, jobId)).toMatchObject({ doneCount: MESSAGES, failedCount: 0, note: '' })
    expect((await bodiesIn(flow, 'queue')).sort()).toEqual(bodies())
    expect(await bodiesIn(flow, 'dead_letter')).toEqual([])
  })

  it('ends when it is canceled: what was done stays done, the rest stays a dead letter', async () => {
    const { flow, jobId, runner, ctx } = await holdInMidRun()
    await cancelJob(ctx, { id: jobId })
    await runner.goOn()
    expect(await untilLetGo(jobId)).toMatchObject({ state: 'canceled', doneCount: 100 })
    await runner.stop()
    const all = [...(await bodiesIn(flow, 'queue')), ...(await bodiesIn(flow, 'dead_letter'))]
    expect(all.sort()).toEqual(bodies())
    await expect(resumeJob(ctx, { id: jobId })).rejects.toMatchObject({ code: 'conflict' })
  })
})

const bodies = () =>
  numbered(MESSAGES)
    .map(({ body }) => body)
    .sort()

/** A job that has done its first batch and stands still in its second one. */
async function holdInMidRun() {
  const flow: MadeFlow = await tests.makeFlow()
  await makeDeadLetters(flow, numbered(MESSAGES))
  const { ctx } = flow.owner
  const { jobId } = await startResubmit(ctx, { flowId: flow.id, keepMessageId: true })
  const held = deferred()
  const released = deferred()
  let copies = 0
  const openTools: OpenQueueTools = (address) => {
    const tools = openQueueTools(address)
    const sendCopy: typeof tools.sendCopy = async (message, changes) => {
      copies += 1
      if (copies === HELD_COPY) {
        held.resolve()
        await released.promise
      }
      await tools.sendCopy(message, changes)
    }
    return { ...tools, sendCopy }
  }
  const { stop } = startJobRunner({ pollMs: 50, openTools })
  await held.promise
  const running = await tests.database.db.queueJob.findUniqueOrThrow({ where: { id: jobId } })
  expect(running).toMatchObject({ state: 'running', doneCount: 50, total: MESSAGES })
  return { flow, jobId, ctx, runner: { goOn: async () => released.resolve(), stop } }
}

/** Resolves to the job's row when no process has it in hand. */
function untilLetGo(jobId: string) {
  return waitUntil('nobody works on the job', async () => {
    const job = await tests.database.db.queueJob.findUniqueOrThrow({ where: { id: jobId } })
    return job.leaseToken === null && job
  })
}
