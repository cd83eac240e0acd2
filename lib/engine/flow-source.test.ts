import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { readFlows } from './flow-source'
import { connectFlow, makeAlgorithmRow, publishRow } from './testing/ledger-fixture'

const ADDRESS = {
  connectionString: 'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=k;SharedAccessKey=a2V5;UseDevelopmentEmulator=true',
  queueName: 'orders',
}

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

async function makeFlow() {
  const algorithm = await makeAlgorithmRow(database.db)
  const { id } = await connectFlow(database.db, algorithm, ADDRESS)
  return { algorithm, id, read: async () => (await readFlows([id, randomUUID()]))[0] }
}

describe('what a consumer is told of its flow', () => {
  it('is what somebody chose, in the units of the engine', async () => {
    const { id, read, algorithm } = await makeFlow()
    expect(await read()).toMatchObject({
      concurrency: 16,
      messageOrder: 'unordered',
      backOff: { firstMs: 1_000, factor: 2, longestMs: 60_000 },
      output: null,
      lockRenewalLimitMs: null,
      wish: { intent: 'run' },
    })
    const chosen = {
      concurrency: 3,
      messageOrder: 'session',
      outputCollection: 'ada/results',
      outputNameTemplate: '<date>-<sequenceNumber>.json',
      lockRenewalLimitMinutes: 7,
    } as const
    await database.db.eventFlow.update({ where: { id }, data: chosen })
    expect(await read()).toMatchObject({
      algorithmId: algorithm.id,
      concurrency: 3,
      messageOrder: 'session',
      output: { collection: 'ada/results', nameTemplate: '<date>-<sequenceNumber>.json' },
      lockRenewalLimitMs: 7 * 60_000,
    })
  })

  it.each([
    ['none', { firstMs: 0, factor: 1, longestMs: 0 }],
    ['fixed', { firstMs: 5_000, factor: 1, longestMs: 5_000 }],
    ['exponential', { firstMs: 5_000, factor: 2, longestMs: 3 * 60_000 }],
  ] as const)('waits between deliveries by the back-off %s, three minutes at most', async (backOffKind, expected) => {
    const { id, read } = await makeFlow()
    const data = { backOffKind, backOffFirstSeconds: 5, backOffLongestMinutes: 3 }
    await database.db.eventFlow.update({ where: { id }, data })
    expect((await read())?.backOff).toEqual(expected)
  })

  it('differs when a version is published, and for no other algorithm', async () => {
    const [one, other] = [await makeFlow(), await makeFlow()]
    const [before, otherBefore] = [await one.read(), await other.read()]
    await publishRow(database.db, one.algorithm.id)
    expect((await one.read())?.versionsMark).not.toBe(before?.versionsMark)
    expect((await other.read())?.versionsMark).toBe(otherBefore?.versionsMark)
    expect((await one.read())?.revision).toBe(before?.revision)
  })
})
