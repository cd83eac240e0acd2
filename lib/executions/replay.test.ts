import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { systemContext } from '@/lib/context'
import { sweepObjects } from '@/lib/data/commands/sweep-objects'
import { ScriptError, scriptedRuntime } from '@/lib/engine/testing/scripted-runtime'
import { waitUntil } from '@/lib/engine/testing/wait-until'
import { startReplay } from '@/lib/queue-tools/commands/start-job'
import { getJob } from '@/lib/queue-tools/jobs/queries'
import { startJobRunner } from '@/lib/queue-tools/jobs/runner'
import { setCurrentRuntime } from '@/lib/runtime/current'
import { storage } from '@/lib/storage/current'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { makeExecutionRow, makeFlowRow } from '@/lib/testing/event-flows'
import { replayExecution } from './commands/replay-execution'
import { whenRunsAgainEnd } from './commands/run-again'
import { listForFlow } from './list'
import { keepPayloads, openPayload } from './payloads'
import { getExecution } from './queries'
import { applyRetention } from './retention'

vi.setConfig({ testTimeout: 90_000 })

let database: TestDatabase
let owner: TestUser
let flow: Awaited<ReturnType<typeof makeFlowRow>>
let runtime: ReturnType<typeof scriptedRuntime>

beforeAll(async () => {
  database = await testDatabase()
  owner = await makeUserContext(database.db)
  const calls = recordRuntimeCalls()
  const algorithm = await makeAlgorithm(database.db, owner.ctx)
  await makeVersion(database.db, owner.ctx, algorithm)
  calls.end()
  flow = await makeFlowRow(database.db, owner, algorithm)
  runtime = scriptedRuntime((input, { type }) => {
    if (type === 'json' && input === '{dear sir}') throw new ScriptError({ kind: 'unusable_input' })
    return { got: input }
  })
  setCurrentRuntime({ runtime, sandbox: { level: 'none', reasons: [] } } as never)
})
afterAll(async () => {
  setCurrentRuntime(undefined)
  await database.close()
})

const input = (body: string) => ({ inputType: 'json' as const, inputPreview: body, inputBytes: body.length })

it('a replay runs the same input, is marked, stands beside the message’s attempts, and wins nothing', async () => {
  const enqueuedAt = new Date()
  const message = { messageId: 'm', sequenceNumber: 7n, enqueuedAt, winningSequenceNumber: 7n }
  const { id } = await makeExecutionRow(database.db, flow, { ...message, ...input('{"n":1}') })
  const { executionId } = await replayExecution(owner.ctx, { id })
  await whenRunsAgainEnd()
  expect(await getExecution(owner.ctx, { id: executionId })).toMatchObject({
    source: 'replay',
    status: 'succeeded',
    replayOfId: id,
    isWinning: false,
    settlement: null,
    result: { preview: '{"got":"{\\"n\\":1}"}' },
    attempts: [{ id }, { id: executionId, source: 'replay' }],
  })
})

it('a replay of a message that only looks like JSON runs it as text', async () => {
  const message = { messageId: 'm', sequenceNumber: 8n, enqueuedAt: new Date() }
  const { id } = await makeExecutionRow(database.db, flow, { ...message, ...input('{dear sir}') })
  const { executionId } = await replayExecution(owner.ctx, { id })
  await whenRunsAgainEnd()
  expect(await getExecution(owner.ctx, { id: executionId })).toMatchObject({
    status: 'succeeded',
    input: { type: 'text', preview: '{dear sir}' },
  })
})

it('only who may manage the flow replays; a version that is not there is named', async () => {
  const { id } = await makeExecutionRow(database.db, flow, input('1'))
  const stranger = await makeUserContext(database.db)
  const admin = await makeUserContext(database.db, { isAdmin: true })
  await expect(replayExecution(stranger.ctx, { id })).rejects.toMatchObject({ code: 'not_found' })
  await expect(replayExecution(admin.ctx, { id })).rejects.toMatchObject({ code: 'forbidden' })
  const other = replayExecution(owner.ctx, { id, version: '9.9.9' })
  await expect(other).rejects.toMatchObject({ fields: { version: expect.stringContaining('9.9.9') } })
})

it('a large input is kept whole, replayed whole, spared by the sweeper, and gone when its time is over', async () => {
  const body = `"${'x'.repeat(200_000)}"`
  const { id } = await makeExecutionRow(database.db, flow, { ...input(body), inputPreview: body.slice(0, 65_536) })
  const alone = replayExecution(owner.ctx, { id })
  await expect(alone).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('beginning') })
  const kept = await keepPayloads(id, { input: { type: 'json', bytes: Buffer.from(body) } })
  await database.db.executionPayload.createMany({ data: kept })
  expect(await getExecution(owner.ctx, { id })).toMatchObject({ input: { whole: 'kept', bytes: body.length } })
  await sweepObjects(systemContext('a test'), { minAgeMs: -1_000 })
  expect(await text((await openPayload(owner.ctx, { id, part: 'input' })).body)).toBe(body)
  await replayExecution(owner.ctx, { id })
  await whenRunsAgainEnd()
  expect(runtime.inputs.at(-1)).toBe(body)

  const [payload] = kept
  await applyRetention(new Date((payload?.expiresAt.getTime() ?? 0) + 1))
  expect(await getExecution(owner.ctx, { id })).toMatchObject({ input: { whole: 'lost' } })
  await expect(storage().get(payload?.storageKey ?? '')).rejects.toMatchObject({ code: 'not_found' })
})

it('a job replays what the filter shows, each once, and says how it went', async () => {
  const made = await makeFlowRow(database.db, owner, flow.algorithm)
  for (let n = 0; n < 25; n++) {
    const status = n % 2 ? ('failed' as const) : ('succeeded' as const)
    await makeExecutionRow(database.db, made, { ...input(`{"n":${n}}`), status })
  }
  const runner = startJobRunner({ pollMs: 50 })
  const { jobId } = await startReplay(owner.ctx, { flowId: made.id, view: { status: 'failed' } })
  const job = await waitUntil('the job has ended', async () => {
    const found = await getJob(owner.ctx, { flowId: made.id, jobId })
    return found.state === 'finished' && found
  })
  await runner.stop()
  expect(job).toMatchObject({ total: 12, doneCount: 12, failedCount: 0 })
  const replays = await listForFlow(owner.ctx, { flowId: made.id, source: 'replay' })
  expect(replays.executions).toHaveLength(12)
})

it('a run that a crash left as running is ended after an hour', async () => {
  const started = { source: 'dry_run' as const, status: 'running' as const, startedAt: new Date() }
  const { id } = await makeExecutionRow(database.db, flow, started)
  await applyRetention()
  expect(await getExecution(owner.ctx, { id })).toMatchObject({ status: 'running' })
  await applyRetention(new Date(Date.now() + 61 * 60_000))
  expect(await getExecution(owner.ctx, { id })).toMatchObject({ status: 'abandoned' })
})
