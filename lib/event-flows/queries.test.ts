import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encrypt } from '@/lib/crypto'
import { sendMessage } from '@/lib/engine/broker/send'
import { connectServiceBus } from '@/lib/engine/broker/service-bus'
import { type ConsumerStatus, setCurrentEngine } from '@/lib/engine/current'
import { makeAlgorithm } from '@/lib/testing/algorithms'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { makeFlowRow } from '@/lib/testing/event-flows'
import { listDeadLetters } from './dead-letters'
import { getFlow, listAll, listForAlgorithm, listMine } from './queries'
import { FlowListView } from './schema'

let database: TestDatabase
let owner: TestUser
let other: TestUser
let admin: TestUser
let algorithm: Awaited<ReturnType<typeof makeAlgorithm>>

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

beforeEach(async () => {
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  admin = await makeUserContext(database.db, { isAdmin: true })
  algorithm = await makeAlgorithm(database.db, owner.ctx)
})
afterEach(() => setCurrentEngine(undefined))

const view = (changes: Partial<FlowListView> = {}) => ({ ...FlowListView.parse({}), ...changes })
const namesOf = ({ flows }: { flows: { queueName: string }[] }) => flows.map(({ queueName }) => queueName)

describe('an algorithm’s event flows', () => {
  it('are listed by queue, filtered by text, and turned around', async () => {
    for (const queueName of ['beta', 'alpha', 'alphabet']) {
      await makeFlowRow(database.db, owner, algorithm, { queueName })
    }
    const list = (changes?: Partial<FlowListView>) =>
      listForAlgorithm(owner.ctx, { ...algorithm.path, ...view(changes) })
    expect(namesOf(await list())).toEqual(['alpha', 'alphabet', 'beta'])
    expect(namesOf(await list({ q: 'ALPHA', order: 'desc' }))).toEqual(['alphabet', 'alpha'])
    const none = await list({ q: 'nothing' })
    expect(none).toMatchObject({ flows: [], total: 0, hasFlows: true, algorithm: { isMine: true } })
  })

  it('come sorted by the last delivery, those without one at the end', async () => {
    const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour))
    await makeFlowRow(database.db, owner, algorithm, { queueName: 'never' })
    await makeFlowRow(database.db, owner, algorithm, { queueName: 'early', lastDeliveryAt: at(1) })
    await makeFlowRow(database.db, owner, algorithm, { queueName: 'late', lastDeliveryAt: at(2) })
    const list = (order: 'asc' | 'desc') =>
      listForAlgorithm(owner.ctx, { ...algorithm.path, ...view({ sort: 'last-delivery', order }) })
    expect(namesOf(await list('desc'))).toEqual(['late', 'early', 'never'])
    expect(namesOf(await list('asc'))).toEqual(['early', 'late', 'never'])
  })

  it('come page by page', async () => {
    for (let count = 0; count < 21; count++) await makeFlowRow(database.db, owner, algorithm)
    const second = await listForAlgorithm(owner.ctx, { ...algorithm.path, ...view({ page: 2 }) })
    expect(second).toMatchObject({ total: 21, page: 2, perPage: 20 })
    expect(second.flows).toHaveLength(1)
  })

  it('are for the owner and, to look at, for administrators', async () => {
    await makeFlowRow(database.db, owner, algorithm)
    const ask = { ...algorithm.path, ...view() }
    await expect(listForAlgorithm(other.ctx, ask)).rejects.toMatchObject({ code: 'not_found' })
    const seen = await listForAlgorithm(admin.ctx, ask)
    expect(seen.algorithm.isMine).toBe(false)
    expect(seen.flows).toMatchObject([{ isMine: false, ownerName: owner.account.name }])
  })
})

it('lists one’s own event flows, also for an administrator', async () => {
  await makeFlowRow(database.db, owner, algorithm, { queueName: 'mine' })
  expect(namesOf(await listMine(owner.ctx, view()))).toEqual(['mine'])
  expect(namesOf(await listMine(other.ctx, view()))).toEqual([])
  expect(namesOf(await listMine(admin.ctx, view()))).toEqual([])
})

it('lists every account’s event flows for administrators only', async () => {
  const { id } = await makeFlowRow(database.db, owner, algorithm)
  const all = await listAll(admin.ctx, view({ q: owner.account.name }))
  expect(all.flows).toMatchObject([{ id, ownerName: owner.account.name }])
  await expect(listAll(owner.ctx, view())).rejects.toMatchObject({ code: 'not_found' })
})

describe('one event flow', () => {
  it('says what the ledger says when no consumer runs here', async () => {
    const { id } = await makeFlowRow(database.db, owner, algorithm, {
      state: 'misconfigured',
      stateReason: 'the key is wrong',
      versionSelector: '1.2.3',
    })
    expect(await getFlow(owner.ctx, { id })).toMatchObject({
      state: 'misconfigured',
      stateReason: 'the key is wrong',
      endpoint: `${owner.account.name}/Hello/1.2.3`,
      inFlight: [],
      isMine: true,
    })
  })

  it('says what the consumer says when one runs here', async () => {
    const { id } = await makeFlowRow(database.db, owner, algorithm, { state: 'stopped' })
    const status: ConsumerStatus = {
      flowId: id,
      ownerId: owner.account.id,
      algorithmId: algorithm.id,
      queueName: 'q',
      namespaceHost: 'h',
      state: 'receiving',
      reason: 'all is well',
      changedAt: new Date(),
      nextTryAt: null,
      semanticVersion: '0.1.0',
      inFlight: [
        {
          executionId: 'e',
          messageId: 'm',
          sequenceNumber: '7',
          attempt: 2,
          stage: 'held',
          receivedAt: new Date(),
          lockedUntil: new Date(),
        },
      ],
    }
    setCurrentEngine({
      isRunning: true,
      status: () => [status],
      refreshFlow: async () => {},
      refreshAll: async () => {},
    })
    expect(await getFlow(owner.ctx, { id })).toMatchObject({
      state: 'receiving',
      stateReason: 'all is well',
      semanticVersion: '0.1.0',
      inFlight: [{ messageId: 'm', stage: 'held' }],
    })
  })

  it('says what an engine in another process wrote last, for as long as that engine lives', async () => {
    const { id } = await makeFlowRow(database.db, owner, algorithm, { state: 'receiving' })
    const expiresAt = new Date(Date.now() + 60_000)
    const engine = await database.db.engine.create({ data: { hostName: 'elsewhere', pid: 1, expiresAt } })
    await database.db.flowLease.create({ data: { flowId: id, engineId: engine.id, fence: 1 } })
    expect(await getFlow(owner.ctx, { id })).toMatchObject({ state: 'receiving', inFlight: [] })
    const at = new Date('2026-01-02T03:04:05.678Z')
    const delivery = { executionId: 'e', messageId: null, sequenceNumber: '7', attempt: 1, stage: 'running' as const }
    const status: ConsumerStatus = {
      flowId: id,
      ownerId: owner.account.id,
      algorithmId: algorithm.id,
      queueName: 'q',
      namespaceHost: 'h',
      state: 'reconnecting',
      reason: 'the broker is away',
      changedAt: at,
      nextTryAt: at,
      semanticVersion: '0.1.0',
      inFlight: [{ ...delivery, receivedAt: at, lockedUntil: at }],
    }
    const snapshot = { flowId: id, engineId: engine.id, status: JSON.parse(JSON.stringify(status)) }
    await database.db.flowSnapshot.create({ data: snapshot })
    expect(await getFlow(owner.ctx, { id })).toMatchObject({
      state: 'reconnecting',
      stateReason: 'the broker is away',
      stateChangedAt: at,
      nextTryAt: at,
      inFlight: [{ sequenceNumber: '7', lockedUntil: at }],
    })
    await database.db.engine.update({ where: { id: engine.id }, data: { expiresAt: new Date(0) } })
    expect(await getFlow(owner.ctx, { id })).toMatchObject({
      state: 'stopped',
      stateReason: expect.stringContaining('No engine has this event flow'),
      nextTryAt: null,
      inFlight: [],
    })
  })

  it('never shows its connection string', async () => {
    const { id } = await makeFlowRow(database.db, owner, algorithm)
    const answers = [
      await getFlow(owner.ctx, { id }),
      await listMine(owner.ctx, view()),
      await listAll(admin.ctx, view()),
    ]
    expect(JSON.stringify(answers)).not.toMatch(/SharedAccessKey|v1\./)
  })

  it('is not there for another account', async () => {
    const { id } = await makeFlowRow(database.db, owner, algorithm)
    await expect(getFlow(other.ctx, { id })).rejects.toMatchObject({ code: 'not_found' })
    expect(await getFlow(admin.ctx, { id })).toMatchObject({ id, isMine: false })
  })
})

describe('the dead letters of an event flow', () => {
  let broker: TestBroker
  beforeAll(async () => {
    broker = await testBroker({ queues: { orders: {} } })
  })
  afterAll(() => broker.close())

  it('are shown with reason, text, count and body, and stay where they are', async () => {
    const { id } = await makeFlowRow(database.db, owner, algorithm, {
      queueName: 'orders',
      connectionString: encrypt(broker.connectionString),
    })
    expect(await listDeadLetters(owner.ctx, { flowId: id })).toEqual({ problem: null, messages: [], hasMore: false })
    await deadLetterOne('orders', 'poison', 'NotJson', 'the body is not JSON')

    for (let look = 0; look < 2; look++) {
      expect(await listDeadLetters(owner.ctx, { flowId: id })).toMatchObject({
        problem: null,
        messages: [{ messageId: 'poison', reason: 'NotJson', description: 'the body is not JSON', bodyPreview: '{' }],
      })
    }
    await expect(listDeadLetters(other.ctx, { flowId: id })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are replaced by a sentence when the broker does not show them', async () => {
    const { id } = await makeFlowRow(database.db, owner, algorithm, {
      queueName: 'gone',
      connectionString: encrypt(broker.connectionString),
    })
    const answer = await listDeadLetters(owner.ctx, { flowId: id })
    expect(answer.problem).toContain('There is no queue gone')
  })

  async function deadLetterOne(queueName: string, messageId: string, reason: string, text: string): Promise<void> {
    const { connectionString } = broker
    await sendMessage({ connectionString, queueName, messageId, body: '{' })
    const client = connectServiceBus(connectionString)
    try {
      await new Promise<void>((resolve, reject) => {
        client.receive(queueName, 1, {
          onDelivery: (delivery) => delivery.deadLetter(reason, text).then(resolve, reject),
          onConnected: () => {},
          onFault: (fault) => reject(new Error(fault.detail)),
        })
      })
    } finally {
      await client.close()
    }
  }
})
