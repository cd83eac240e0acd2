import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { makeExecutionRow, makeFlowRow } from '@/lib/testing/event-flows'
import { listForFlow } from './list'
import { getExecution } from './queries'
import { ExecutionListView } from './schema'

let database: TestDatabase
let runtime: ReturnType<typeof recordRuntimeCalls>
let owner: TestUser
let other: TestUser
let admin: TestUser
let algorithm: Awaited<ReturnType<typeof makeAlgorithm>>
let flow: Awaited<ReturnType<typeof makeFlowRow>>

beforeAll(async () => {
  database = await testDatabase()
  runtime = recordRuntimeCalls()
})
afterAll(async () => {
  runtime.end()
  await database.close()
})
beforeEach(async () => {
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  admin = await makeUserContext(database.db, { isAdmin: true })
  algorithm = await makeAlgorithm(database.db, owner.ctx)
  flow = await makeFlowRow(database.db, owner, algorithm)
})

describe('a flow’s executions', () => {
  it('come newest first, page by page, none twice and none left out', async () => {
    const made: string[] = []
    for (let count = 0; count < 53; count++) made.unshift((await makeExecutionRow(database.db, flow)).id)
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await listForFlow(owner.ctx, { flowId: flow.id, after })
      seen.push(...page.executions.map(({ id }) => id))
      after = page.next ?? undefined
    } while (after)
    expect(seen).toEqual(made)
  })

  it('are filtered by status', async () => {
    await makeExecutionRow(database.db, flow)
    const failed = { status: 'failed', errorMessage: 'it broke', settlement: 'abandoned' } as const
    const { id } = await makeExecutionRow(database.db, flow, failed)
    const { executions } = await listForFlow(owner.ctx, { flowId: flow.id, status: 'failed' })
    expect(executions).toMatchObject([
      { id, status: 'failed', preview: 'it broke', hasError: true, settlement: 'abandoned' },
    ])
  })

  it('are for who may see the flow', async () => {
    await expect(listForFlow(other.ctx, { flowId: flow.id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await listForFlow(admin.ctx, { flowId: flow.id })).toEqual({
      executions: [],
      next: null,
      searchedTo: null,
      oldest: null,
    })
  })
})

it('reads the list’s URL, and falls back to everything for nonsense', () => {
  expect(ExecutionListView.parse({ status: 'failed', after: 'x' })).toEqual({ status: 'failed', after: undefined })
  expect(ExecutionListView.parse({ status: 'all' })).toEqual({ status: undefined })
})

describe('one execution', () => {
  it('has its message, input, error, log, and all attempts at the same message in order', async () => {
    const version = await makeVersion(database.db, owner.ctx, algorithm, { bump: 'minor' })
    const { id: versionId } = await database.db.version.findFirstOrThrow({ where: { buildId: version.buildId } })
    const enqueuedAt = new Date(Date.UTC(2026, 5, 1))
    const message = { versionId, messageId: 'm-1', sequenceNumber: 7n, enqueuedAt }
    const first = await makeExecutionRow(database.db, flow, {
      ...message,
      deliveryCount: 1,
      status: 'failed',
      settlement: 'abandoned',
      inputType: 'json',
      inputPreview: '{"a":1}',
      inputBytes: 7,
      errorType: 'AlgorithmError',
      errorMessage: 'no such key',
      errorStack: 'Traceback',
      log: { create: { stdout: 'hello', stderr: 'oh' } },
    })
    const second = await makeExecutionRow(database.db, flow, {
      ...message,
      deliveryCount: 2,
      settlement: 'completed',
      resultType: 'text',
      resultPreview: 'done',
      resultBytes: 4,
      winningSequenceNumber: 7n,
    })
    // The same number from a queue that was made again is another message.
    await makeExecutionRow(database.db, flow, { ...message, enqueuedAt: new Date(Date.UTC(2026, 6, 1)) })

    const failed = await getExecution(owner.ctx, first)
    expect(failed).toMatchObject({
      messageId: 'm-1',
      sequenceNumber: '7',
      deliveryCount: 1,
      semanticVersion: '0.1.0',
      isWinning: false,
      input: { type: 'json', preview: '{"a":1}', bytes: 7 },
      result: null,
      error: { type: 'AlgorithmError', message: 'no such key', stack: 'Traceback' },
      log: { stdout: 'hello', stderr: 'oh', isTruncated: false },
      callerName: owner.account.name,
      flow: { id: flow.id },
    })
    expect(failed.attempts.map(({ id, settlement }) => [id, settlement])).toEqual([
      [first.id, 'abandoned'],
      [second.id, 'completed'],
    ])
    expect(await getExecution(owner.ctx, second)).toMatchObject({ isWinning: true, result: { preview: 'done' } })
  })

  it('of a call has no attempts', async () => {
    const { id } = await makeExecutionRow(database.db, flow, { source: 'api', flowId: null })
    expect(await getExecution(owner.ctx, { id })).toMatchObject({ source: 'api', flow: null, attempts: [] })
  })

  it('is not there for another account, also not for the owner of the algorithm that somebody else called', async () => {
    const ofFlow = await makeExecutionRow(database.db, flow)
    await expect(getExecution(other.ctx, ofFlow)).rejects.toMatchObject({ code: 'not_found' })
    expect(await getExecution(admin.ctx, ofFlow)).toMatchObject({ id: ofFlow.id })

    const ofOther = await makeExecutionRow(database.db, flow, {
      source: 'api',
      flowId: null,
      callerId: other.account.id,
    })
    expect(await getExecution(other.ctx, ofOther)).toMatchObject({ callerName: other.account.name })
    await expect(getExecution(owner.ctx, ofOther)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('of somebody else’s algorithm tells its caller the result, not what it printed nor where it failed', async () => {
    const { id } = await makeExecutionRow(database.db, flow, {
      source: 'api',
      flowId: null,
      callerId: other.account.id,
      status: 'failed',
      errorMessage: 'no such key',
      errorStack: 'Traceback',
      log: { create: { stdout: 'the owner’s secret', stderr: '' } },
    })
    expect(await getExecution(other.ctx, { id })).toMatchObject({
      error: { message: 'no such key', stack: null },
      log: null,
    })
    expect(await getExecution(admin.ctx, { id })).toMatchObject({ error: { stack: 'Traceback' }, log: { stderr: '' } })
    await database.db.algorithm.update({ where: { id: algorithm.id }, data: { sourceVisibility: 'open' } })
    expect(await getExecution(other.ctx, { id })).toMatchObject({ error: { stack: 'Traceback' }, log: null })
  })
})
