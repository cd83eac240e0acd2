import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { subscribeLive } from '@/lib/live/bus'
import { MIB } from '@/lib/runtime/limits'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { DatabaseWatch } from './database-watch'
import { createLedger } from './ledger'
import { failed, makeRecordedFlow, messageOf } from './testing/delivery-records'
import { holdCommits } from './testing/hold-commits'
import { takeLease } from './testing/ledger-fixture'
import { waitUntil } from './testing/wait-until'

let database: TestDatabase
let ledger: ReturnType<typeof createLedger>

beforeAll(async () => {
  database = await testDatabase()
  ledger = createLedger(new DatabaseWatch(() => {}))
})
afterAll(async () => {
  await ledger.close()
  await database.close()
})

const makeFlow = () => makeRecordedFlow(database.db)
const wanted = () => new AbortController().signal

async function isWaitingForLease(): Promise<boolean> {
  const waiting = await database.db.$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%"FlowLease"%'`
  return waiting.length > 0
}

describe('the ledger', () => {
  it('finds the winner of a message, and of no other message', async () => {
    const { record } = await makeFlow()
    const winner = record(7)
    expect(await ledger.record(winner, wanted())).toBe('recorded')
    const loser = record(8, { result: { kind: 'invocation', invocation: failed() } })
    await ledger.record(loser, wanted())
    const keys = [
      winner.key,
      loser.key,
      { ...winner.key, enqueuedAt: new Date() },
      { ...winner.key, sequenceNumber: 70n },
    ]
    const found = await Promise.all(keys.map((key) => ledger.findWinner(key, wanted())))
    expect(found).toEqual([winner.executionId, null, null, null])
  })

  it('tells the highest number of a flow’s messages, whatever became of them', async () => {
    const { record } = await makeFlow()
    const other = await makeFlow()
    const flowIdOf = (item: ReturnType<typeof record>) => item.key.flowId
    const lost = record(12, { result: { kind: 'invocation', invocation: failed() } })
    expect(await ledger.findHighestNumber(flowIdOf(lost), wanted())).toBe(-1n)
    await Promise.all([record(9), lost, record(11), other.record(40)].map((item) => ledger.record(item, wanted())))
    expect(await ledger.findHighestNumber(flowIdOf(lost), wanted())).toBe(12n)
  })

  it('lets one run of a message win, in one batch and in several', async () => {
    const { record, rows, flow } = await makeFlow()
    const together = await Promise.all([record(1), record(1), record(2)].map((item) => ledger.record(item, wanted())))
    expect(together.sort()).toEqual(['lost_race', 'recorded', 'recorded'])
    expect(await ledger.record(record(2), wanted())).toBe('lost_race')
    const results = (await rows()).map(({ status, winningSequenceNumber }) => `${status} ${winningSequenceNumber}`)
    expect(results.sort()).toEqual(['abandoned null', 'abandoned null', 'succeeded 1', 'succeeded 2'])
    expect(await flow()).toMatchObject({ deliveredCount: 4, succeededCount: 2, failedCount: 0 })
  })

  it('takes a row that it has written already for what it is', async () => {
    const { record, rows, flow } = await makeFlow()
    const once = record(1)
    expect(await ledger.record(once, wanted())).toBe('recorded')
    expect(await ledger.record(once, wanted())).toBe('recorded')
    expect(await rows()).toHaveLength(1)
    expect(await flow()).toMatchObject({ deliveredCount: 1, succeededCount: 1 })
  })

  it('writes nothing for a run that nobody wants any more', async () => {
    const { record, rows } = await makeFlow()
    const killed = new AbortController()
    killed.abort('lock_lost')
    await expect(ledger.record(record(1), killed.signal)).rejects.toBe('lock_lost')
    await ledger.record(record(2), wanted())
    expect((await rows()).map(({ sequenceNumber }) => sequenceNumber)).toEqual([2n])
  })

  it('keeps what a deleted flow had in work, and lets go of what a deleted algorithm had', async () => {
    const [deletedFlow, deletedAlgorithm, healthy] = [await makeFlow(), await makeFlow(), await makeFlow()]
    await database.db.eventFlow.delete({ where: { id: deletedFlow.flowId } })
    await database.db.algorithm.delete({ where: { id: deletedAlgorithm.algorithmId } })
    const records = [deletedFlow.record(1), deletedAlgorithm.record(1), healthy.record(1)]
    const answers = await Promise.all(records.map((item) => ledger.record(item, wanted())))
    expect(answers).toEqual(['recorded', 'deleted', 'recorded'])
    expect(await deletedFlow.rows()).toMatchObject([{ flowId: null, status: 'succeeded' }])
    expect(await deletedAlgorithm.rows()).toEqual([])
    expect(await healthy.rows()).toMatchObject([{ flowId: healthy.flowId }])
  })

  it('records long logs of many messages, whatever they hold', async () => {
    const { record, rows } = await makeFlow()
    // As JSON each of its characters is six.
    const stream = '\x01'.repeat(MIB)
    const invocation = { ...failed(), stdout: stream, stderr: stream }
    const items = Array.from({ length: 60 }, (_, number) =>
      record(number, { result: { kind: 'invocation', invocation } }),
    )
    const answers = await Promise.all(items.map((item) => ledger.record(item, wanted())))
    expect(answers).toEqual(items.map(() => 'recorded'))
    expect(await rows()).toHaveLength(items.length)
    expect(ledger.isAway).toBe(false)
  })

  it('writes settlements with their own times, counts dead letters, and tells the pages', async () => {
    const { record, rows, flow, flowId } = await makeFlow()
    const [one, two] = [record(1), record(2, { result: { kind: 'invocation', invocation: failed() } })]
    await Promise.all([one, two].map((item) => ledger.record(item, wanted())))
    const topics: string[] = []
    const unsubscribe = subscribeLive(new Set([`flow:${flowId}` as const]), (topic) => topics.push(topic))
    const [first, second] = [new Date('2026-01-01T00:00:01.001Z'), new Date('2026-01-01T00:00:02.002Z')]
    ledger.markSettled({
      executionId: one.executionId,
      flowId,
      settlement: 'completed',
      settledAt: first,
      isDeadLettered: false,
    })
    ledger.markSettled({
      executionId: two.executionId,
      flowId,
      settlement: 'abandoned',
      settledAt: second,
      isDeadLettered: true,
    })
    const settled = await waitUntil('both are written', async () => {
      const found = await rows()
      return found.every(({ settledAt }) => settledAt) && found
    })
    expect(settled.map(({ settlement, settledAt }) => [settlement, settledAt])).toEqual([
      ['completed', first],
      ['abandoned', second],
    ])
    expect((await flow()).deadLetteredCount).toBe(1)
    await waitUntil('the pages know', () => topics.length > 0)
    unsubscribe()
  })

  it('keeps the last word on an execution whose message is settled again, and nothing of a deleted one', async () => {
    const { record, rows, flowId } = await makeFlow()
    const item = record(1)
    await ledger.record(item, wanted())
    const settled = { flowId, settlement: 'completed', settledAt: new Date(), isDeadLettered: false } as const
    const settle = (settlement: 'abandoned' | 'completed') =>
      ledger.markSettled({ ...settled, executionId: item.executionId, settlement })
    const untilItSays = (last: string) =>
      waitUntil(`it says ${last}`, async () => (await rows())[0]?.settlement === last)
    // In one batch, then in another.
    settle('completed')
    settle('abandoned')
    await untilItSays('abandoned')
    settle('completed')
    await untilItSays('completed')
    const ofDeleted = () => database.db.executionSettlement.findMany({ where: { executionId: item.executionId } })
    await database.db.execution.delete({ where: { id: item.executionId } })
    expect(await ofDeleted()).toEqual([])
    // Its message may have been held meanwhile.
    const other = record(2)
    await ledger.record(other, wanted())
    settle('abandoned')
    ledger.markSettled({ ...settled, executionId: other.executionId })
    await waitUntil('the other one is settled', async () => (await rows())[0]?.settlement)
    expect(await ofDeleted()).toEqual([])
  })

  it('lets no run win whose engine has lost the flow, and the present owner’s run win instead', async () => {
    const { flowId, record, rows, flow } = await makeFlow()
    const former = record(1)
    const lease = await takeLease(database.db, flowId)
    const present = record(1, { lease })
    expect(await ledger.record(former, wanted())).toBe('lapsed')
    expect(await ledger.record(present, wanted())).toBe('recorded')
    const answers = await Promise.all([
      ledger.record(record(2), wanted()),
      ledger.record(record(3, { lease }), wanted()),
    ])
    expect(answers).toEqual(['lapsed', 'recorded'])
    const all = await rows()
    const winners = all.filter(({ winningSequenceNumber }) => winningSequenceNumber !== null)
    expect(winners.map(({ id, winningSequenceNumber }) => [id, winningSequenceNumber])).toEqual([
      [present.executionId, 1n],
      [expect.any(String), 3n],
    ])
    expect(all.find(({ id }) => id === former.executionId)).toMatchObject({
      status: 'abandoned',
      errorType: 'LeaseLapsed',
    })
    expect(await flow()).toMatchObject({ succeededCount: 2 })
  })

  it('is nobody else’s to take between the look at its lease and the commit', async () => {
    const { flowId, record, rows } = await makeFlow()
    const commits = await holdCommits(database.url)
    const answer = ledger.record(record(1), wanted())
    await waitUntil('its row waits for the commit', () => commits.areHeld())
    let isTaken = false
    const taking = takeLease(database.db, flowId).then((lease) => {
      isTaken = true
      return lease
    })
    await waitUntil('another engine waits for the lease', () => isWaitingForLease())
    expect([isTaken, await rows()]).toEqual([false, []])
    await commits.release()
    expect(await answer).toBe('recorded')
    const lease = await taking
    expect(await ledger.record(record(1, { lease }), wanted())).toBe('lost_race')
    expect((await rows()).map(({ winningSequenceNumber }) => winningSequenceNumber)).toEqual([1n, null])
  })

  it('records ids and texts that Postgres can not hold as they are', async () => {
    const { record, rows } = await makeFlow()
    await ledger.record(
      record(1, {
        message: { ...messageOf(1), messageId: 'nul\0id', properties: { key: 'n\0l' } },
        deadLetterReason: 'why\0not',
      }),
      wanted(),
    )
    const error = { errorType: 'UnusableInput', message: 'type\0json' }
    await ledger.record(record(2, { result: { kind: 'no_run', status: 'failed', error } }), wanted())
    expect(await rows()).toMatchObject([
      { messageId: 'nul\uFFFDid', applicationProperties: { key: 'n\uFFFDl' }, deadLetterReason: 'why\uFFFDnot' },
      { errorMessage: 'type\uFFFDjson' },
    ])
  })

  it('records the rest of a batch of which the database refuses one', async () => {
    const { record, rows, flow } = await makeFlow()
    const faulty = record(2, { callerId: randomUUID() })
    const results = await Promise.allSettled(
      [record(1), faulty, record(3)].map((item) => ledger.record(item, wanted())),
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect((await rows()).map(({ messageId }) => messageId).sort()).toEqual(['message 1', 'message 3'])
    expect(await flow()).toMatchObject({ deliveredCount: 2, succeededCount: 2 })
  })
})
