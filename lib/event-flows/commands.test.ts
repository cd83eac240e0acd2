import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { createCollection } from '@/lib/data/commands/create-collection'
import { peekQueue } from '@/lib/engine/broker/dead-letter'
import { setCurrentEngine } from '@/lib/engine/current'
import { AppError } from '@/lib/errors'
import { type LiveTopic, subscribeLive } from '@/lib/live/bus'
import { makeAlgorithm, makeVersion, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { connectBroker } from './commands/connect-broker'
import { deleteEventFlow } from './commands/delete-event-flow'
import { editEventFlow } from './commands/edit-event-flow'
import { sendTestMessage } from './commands/send-test-message'
import { setFlowIntent } from './commands/set-flow-intent'
import { DEFAULT_OPTIONS } from './words'

const LISTEN_KEY = 'bGlzdGVuLW9ubHkta2V5LWZvci10ZXN0cw=='

let database: TestDatabase
let broker: TestBroker
let owner: TestUser
let other: TestUser
let admin: TestUser
let algorithm: Awaited<ReturnType<typeof makeAlgorithm>>
let endpoint: string
let refreshed: string[]
let runtime: ReturnType<typeof recordRuntimeCalls>

beforeAll(async () => {
  ;[database, broker] = await Promise.all([
    testDatabase(),
    testBroker({ queues: { orders: {}, payments: {}, sessions: { requiresSession: true } } }),
  ])
  await administrationClient(broker.connectionString).createQueue('listen-only', {
    authorizationRules: [
      {
        claimType: 'SharedAccessKey',
        keyName: 'Listener',
        accessRights: ['Listen'],
        primaryKey: LISTEN_KEY,
        secondaryKey: LISTEN_KEY,
      },
    ],
  })
  runtime = recordRuntimeCalls()
})
afterAll(async () => {
  runtime.end()
  await broker.close()
  await database.close()
})

beforeEach(async () => {
  owner = await makeUserContext(database.db)
  other = await makeUserContext(database.db)
  admin = await makeUserContext(database.db, { isAdmin: true })
  algorithm = await makeAlgorithm(database.db, owner.ctx)
  endpoint = `${owner.account.name}/Hello`
  refreshed = []
  setCurrentEngine({
    isRunning: true,
    status: () => [],
    refreshFlow: async (id) => void refreshed.push(id),
    refreshAll: async () => {},
  })
})
afterEach(() => setCurrentEngine(undefined))

const connect = (ctx: Context, input: Partial<Parameters<typeof connectBroker>[1]> = {}) =>
  connectBroker(ctx, {
    queueName: 'orders',
    connectionString: broker.connectionString,
    algorithm: endpoint,
    timeoutSeconds: '',
    ...input,
  })

/** The rejection, for its code and fields. */
async function refusal(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw new Error(`expected a refusal, got ${error}`)
}

describe('connecting a broker', () => {
  it('stores the flow with its string encrypted, tells the engine and the pages, and is in the audit log', async () => {
    const heard: LiveTopic[] = []
    const stop = subscribeLive(new Set<LiveTopic>([`algorithm:${algorithm.id}`, 'admin']), (topic) => heard.push(topic))
    const { id } = await connect(owner.ctx)
    stop()

    const flow = await database.db.eventFlow.findUniqueOrThrow({ where: { id } })
    expect(flow).toMatchObject({
      ownerId: owner.account.id,
      algorithmId: algorithm.id,
      versionSelector: null,
      queueName: 'orders',
      namespaceHost: `127.0.0.1:${broker.port}`,
      timeoutSeconds: 420,
      revision: 1,
    })
    expect(flow.connectionString).not.toContain('SharedAccessKey')
    expect(decrypt(flow.connectionString)).toBe(broker.connectionString)
    expect(refreshed).toEqual([id])
    expect(heard).toEqual([`algorithm:${algorithm.id}`, 'admin'])
    const audit = await database.db.auditEvent.findMany({ where: { accountId: owner.account.id } })
    const event = audit.find(({ action }) => action === 'event-flow.connect')
    expect(event).toMatchObject({ actorName: owner.account.name, targetName: `orders → ${endpoint}` })
    expect(JSON.stringify(event)).not.toContain('SharedAccessKey')
  })

  it('takes a version that is there, also private, with algo:// before it', async () => {
    await makeVersion(database.db, owner.ctx, algorithm, { callability: 'private', bump: 'minor' })
    const { id } = await connect(owner.ctx, { algorithm: `algo://${endpoint}/0.1.0`, timeoutSeconds: '60' })
    const flow = await database.db.eventFlow.findUniqueOrThrow({ where: { id } })
    expect(flow).toMatchObject({ versionSelector: '0.1.0', timeoutSeconds: 60 })
  })

  it('refuses a version that is not there, at the algorithm', async () => {
    const error = await refusal(connect(owner.ctx, { algorithm: `${endpoint}/9.9.9` }))
    expect(error.fields.algorithm).toContain('has no version 9.9.9')
  })

  it('does not know another account’s algorithm, also a public one, and not for an administrator either', async () => {
    await makeVersion(database.db, owner.ctx, algorithm, { callability: 'public' })
    for (const ctx of [other.ctx, admin.ctx]) {
      const error = await refusal(connect(ctx))
      expect(error.code).toBe('not_found')
      expect(error.fields.algorithm).toContain('among yours')
    }
    expect(await database.db.eventFlow.count({ where: { algorithmId: algorithm.id } })).toBe(0)
  })

  it('refuses an API key without the right to manage', async () => {
    const permissions = { algorithms: 'full', data: 'read_write', canManage: false } as const
    const ctx: Context = {
      actor: { kind: 'api-key', keyId: 'k', accountId: owner.account.id, name: owner.account.name, permissions },
    }
    expect((await refusal(connect(ctx))).code).toBe('forbidden')
  })

  it('refuses the same queue twice, in any case, and two at the same moment', async () => {
    const both = await Promise.allSettled([connect(owner.ctx), connect(owner.ctx)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const late = both.find((outcome) => outcome.status === 'rejected')
    expect(late?.reason).toMatchObject({
      code: 'conflict',
      fields: { queueName: expect.stringContaining('connected to') },
    })
    const error = await refusal(connect(owner.ctx, { queueName: 'Orders' }))
    expect(error.code).toBe('conflict')
    expect(error.fields.queueName).toContain('connected to')
    await connect(owner.ctx, { queueName: 'payments' })
  })

  it('tests the connection first, says by field what is wrong, and stores nothing', async () => {
    const wrongKey = broker.connectionString.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=d3Jvbmc=')
    const closed = broker.connectionString.replace(String(broker.port), String(await closedPort()))
    const cases: [Parameters<typeof connect>[1], 'queueName' | 'connectionString', RegExp][] = [
      [{ connectionString: 'hello' }, 'connectionString', /./],
      [{ connectionString: wrongKey }, 'connectionString', /does not accept the key/],
      [{ connectionString: closed }, 'connectionString', /Nothing listens/],
      [{ queueName: 'no-such-queue' }, 'queueName', /There is no queue no-such-queue/],
      [{ connectionString: `${broker.connectionString};EntityPath=payments` }, 'queueName', /payments/],
    ]
    for (const [input, field, sentence] of cases) {
      expect((await refusal(connect(owner.ctx, input))).fields[field]).toMatch(sentence)
    }
    expect(await database.db.eventFlow.count({ where: { ownerId: owner.account.id } })).toBe(0)
    expect(refreshed).toEqual([])
  })
})

describe('the options of an event flow', () => {
  it('are the defaults when left out, and what was typed when not, also in the audit log', async () => {
    const first = await connect(owner.ctx)
    expect(await database.db.eventFlow.findUniqueOrThrow({ where: { id: first.id } })).toMatchObject(DEFAULT_OPTIONS)
    await createCollection(owner.ctx, { owner: '.my', name: 'results', readAccess: 'private' })
    const typed = {
      concurrency: '4',
      backOffKind: 'fixed',
      backOffFirstSeconds: ' 30 ',
      outputCollection: `data://${owner.account.name.toUpperCase()}/results/`,
      outputNameTemplate: '<date>-<sequenceNumber>.json',
      lockRenewalLimitMinutes: '90',
    } as const
    const { id } = await connect(owner.ctx, { queueName: 'payments', ...typed })
    expect(await database.db.eventFlow.findUniqueOrThrow({ where: { id } })).toMatchObject({
      concurrency: 4,
      messageOrder: 'unordered',
      backOffKind: 'fixed',
      backOffFirstSeconds: 30,
      backOffLongestMinutes: 1,
      outputCollection: `${owner.account.name}/results`,
      outputNameTemplate: '<date>-<sequenceNumber>.json',
      lockRenewalLimitMinutes: 90,
    })
    const audit = await database.db.auditEvent.findFirst({
      where: { action: 'event-flow.connect', targetName: { startsWith: 'payments' }, accountId: owner.account.id },
    })
    expect(audit?.details).toMatchObject({ concurrency: 4, backOffKind: 'fixed' })
  })

  it('name only a collection of the flow’s owner', async () => {
    await createCollection(other.ctx, { owner: '.my', name: 'theirs', readAccess: 'public' })
    for (const outputCollection of [`${other.account.name}/theirs`, `${owner.account.name}/missing`]) {
      const error = await refusal(connect(owner.ctx, { outputCollection }))
      expect(error.fields.outputCollection).toContain('You have no collection')
    }
  })

  it('are tried on the queue: the order must fit it', async () => {
    const unordered = await refusal(connect(owner.ctx, { queueName: 'sessions' }))
    expect(unordered.fields.messageOrder).toContain('“Per session”')
    const ordered = await refusal(connect(owner.ctx, { messageOrder: 'session' }))
    expect(ordered.fields.messageOrder).toContain('does not have sessions')
    await connect(owner.ctx, { queueName: 'sessions', messageOrder: 'session' })
  })
})

describe('pausing, draining and resuming an event flow', () => {
  const intentOf = (id: string) =>
    database.db.eventFlow.findUniqueOrThrow({ where: { id }, select: { intent: true, intentBy: true, revision: true } })

  it('keep who did it, tell the engine, and are in the audit log, once each', async () => {
    const { id } = await connect(owner.ctx)
    refreshed = []
    for (const intent of ['paused', 'paused', 'run', 'drained', 'run'] as const)
      await setFlowIntent(owner.ctx, { id, intent })
    expect(await intentOf(id)).toEqual({ intent: 'run', intentBy: owner.account.name, revision: 1 })
    expect(refreshed).toEqual([id, id, id, id])
    const audit = await database.db.auditEvent.findMany({
      where: { accountId: owner.account.id, targetKind: 'event-flow' },
      orderBy: { at: 'asc' },
    })
    expect(audit.map(({ action }) => action)).toEqual([
      'event-flow.connect',
      'event-flow.pause',
      'event-flow.resume',
      'event-flow.drain',
      'event-flow.resume',
    ])
  })

  it('are not for others: an account does not find the flow, an administrator may only look', async () => {
    const { id } = await connect(owner.ctx)
    expect((await refusal(setFlowIntent(other.ctx, { id, intent: 'paused' }))).code).toBe('not_found')
    expect((await refusal(setFlowIntent(admin.ctx, { id, intent: 'paused' }))).code).toBe('forbidden')
    expect(await intentOf(id)).toMatchObject({ intent: 'run', intentBy: null })
  })
})

describe('editing an event flow', () => {
  it('keeps the stored string when none is given, raises the revision, and tells the engine', async () => {
    const { id } = await connect(owner.ctx)
    await editEventFlow(owner.ctx, {
      id,
      queueName: 'payments',
      connectionString: '',
      algorithm: endpoint,
      timeoutSeconds: 30,
    })
    const flow = await database.db.eventFlow.findUniqueOrThrow({ where: { id } })
    expect(flow).toMatchObject({ queueName: 'payments', timeoutSeconds: 30, revision: 2 })
    expect(decrypt(flow.connectionString)).toBe(broker.connectionString)
    expect(refreshed).toEqual([id, id])
  })

  it('tests the connection again and changes nothing when it fails', async () => {
    const { id } = await connect(owner.ctx)
    const input = { id, queueName: 'no-such-queue', connectionString: '', algorithm: endpoint }
    expect((await refusal(editEventFlow(owner.ctx, input))).fields.queueName).toContain('no queue')
    expect(await database.db.eventFlow.findUniqueOrThrow({ where: { id } })).toMatchObject({
      queueName: 'orders',
      revision: 1,
    })
  })

  it('does not take a queue that another flow of the algorithm has', async () => {
    await connect(owner.ctx)
    const { id } = await connect(owner.ctx, { queueName: 'payments' })
    const input = { id, queueName: 'orders', connectionString: '', algorithm: endpoint }
    expect((await refusal(editEventFlow(owner.ctx, input))).code).toBe('conflict')
  })

  it('is not for other accounts: members do not find it, administrators are told that it is not theirs', async () => {
    const { id } = await connect(owner.ctx)
    const input = { id, queueName: 'payments', connectionString: '', algorithm: endpoint }
    expect((await refusal(editEventFlow(other.ctx, input))).code).toBe('not_found')
    expect((await refusal(editEventFlow(admin.ctx, input))).code).toBe('forbidden')
  })
})

describe('deleting an event flow', () => {
  it('removes it, keeps its executions, and tells the engine', async () => {
    const { id } = await connect(owner.ctx)
    const execution = await database.db.execution.create({
      data: {
        source: 'flow',
        status: 'succeeded',
        algorithmId: algorithm.id,
        commitSha: algorithm.commitSha,
        callerId: owner.account.id,
        flowId: id,
      },
    })
    await deleteEventFlow(owner.ctx, { id })
    expect(await database.db.eventFlow.findUnique({ where: { id } })).toBeNull()
    expect(await database.db.execution.findUnique({ where: { id: execution.id } })).toMatchObject({ flowId: null })
    expect(refreshed).toEqual([id, id])
    expect(
      await database.db.auditEvent.count({ where: { accountId: owner.account.id, action: 'event-flow.delete' } }),
    ).toBe(1)
  })

  it('is not for other accounts', async () => {
    const { id } = await connect(owner.ctx)
    expect((await refusal(deleteEventFlow(other.ctx, { id }))).code).toBe('not_found')
    expect((await refusal(deleteEventFlow(admin.ctx, { id }))).code).toBe('forbidden')
    expect(await database.db.eventFlow.findUnique({ where: { id } })).not.toBeNull()
  })
})

describe('sending a test message', () => {
  it('puts it on the flow’s queue with its content type and a message id', async () => {
    await broker.createQueue('for-sending')
    const { id } = await connect(owner.ctx, { queueName: 'for-sending' })
    const body = '{"filename":"some-new-file.txt","data":"file contents to store"}'
    const { messageId } = await sendTestMessage(owner.ctx, { id, body })

    const { connectionString } = broker
    const [message] = await peekQueue({ connectionString, queueName: 'for-sending' })
    expect(message).toMatchObject({ messageId, contentType: 'application/json' })
    expect(message?.body.kind === 'bytes' && message.body.bytes.toString()).toBe(body)
  })

  it('says that the key lacks the Send right', async () => {
    const connectionString = `Endpoint=sb://127.0.0.1:${broker.port};SharedAccessKeyName=Listener;SharedAccessKey=${LISTEN_KEY};UseDevelopmentEmulator=true`
    const { id } = await connect(owner.ctx, { queueName: 'listen-only', connectionString })
    const error = await refusal(sendTestMessage(owner.ctx, { id, body: '{}' }))
    expect(error.fields.connectionString).toContain('Send to send')
    expect(error.message).not.toContain(LISTEN_KEY)
  })

  it('is not for other accounts', async () => {
    const { id } = await connect(owner.ctx)
    expect((await refusal(sendTestMessage(other.ctx, { id, body: '{}' }))).code).toBe('not_found')
    expect((await refusal(sendTestMessage(admin.ctx, { id, body: '{}' }))).code).toBe('forbidden')
  })
})

/** A port that nothing listens on, as far as one can know. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
