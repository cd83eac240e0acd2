import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApiKey } from '@/lib/api-keys/commands'
import { answerWorker } from '@/lib/host/worker-api'
import { makeAlgorithm, recordRuntimeCalls } from '@/lib/testing/algorithms'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { makeUserContext, type TestUser } from '@/lib/testing/contexts'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { type ApiServer, makeApiKey, startApiServer } from './testing/api-server'

let database: TestDatabase
let broker: TestBroker
let server: ApiServer
let owner: TestUser
let key: string
let runtime: ReturnType<typeof recordRuntimeCalls>

beforeAll(async () => {
  ;[database, broker, server] = await Promise.all([
    testDatabase(),
    testBroker({ queues: { orders: {}, payments: {} } }),
    startApiServer(),
  ])
  runtime = recordRuntimeCalls()
})
afterAll(async () => {
  runtime.end()
  await server.close()
  await broker.close()
  await database.close()
})
beforeEach(async () => {
  owner = await makeUserContext(database.db)
  await makeAlgorithm(database.db, owner.ctx)
  key = await managingKey(owner)
})

async function managingKey(user: TestUser): Promise<string> {
  const access = { label: 'manager', algorithmAccess: 'full', dataAccess: 'none', canManage: true } as const
  return (await createApiKey(user.ctx, access)).key
}

async function call(method: string, path: string, body?: unknown, authorization = key) {
  const response = await fetch(`${server.address}/v1/users/${path}`, {
    method,
    headers: { authorization: `Simple ${authorization}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : null }
}

const listener = (more: Record<string, unknown> = {}) => ({
  sourceType: 'AzureSB',
  sourceURI: 'orders',
  credentials: broker.connectionString,
  algoOwner: owner.account.name,
  algoName: 'Hello',
  ...more,
})

describe('/v1/users/USER/event-listeners', () => {
  it('connects, shows, changes, pauses, drains, resumes and deletes an event flow', async () => {
    const base = `${owner.account.id}/event-listeners`
    const made = await call('POST', base, listener({ concurrency: 3, backOffKind: 'none' }))
    expect(made).toMatchObject({
      status: 200,
      body: {
        sourceURI: 'orders',
        credentials: '********',
        algoTimeoutSeconds: 420,
        listenerOwner: owner.account.name,
        concurrency: 3,
        backOffKind: 'none',
        intent: 'run',
      },
    })
    const { id } = made.body
    expect((await call('GET', base)).body).toMatchObject([{ id }])
    const changed = await call('PUT', `${base}/${id}`, listener({ credentials: '********', sourceURI: 'payments' }))
    expect(changed.body).toMatchObject({ id, sourceURI: 'payments', concurrency: 16 })
    for (const [verb, intent] of [
      ['pause', 'paused'],
      ['resume', 'run'],
      ['drain', 'drained'],
    ]) {
      const { status, body } = await call('POST', `${base}/${id}/${verb}`)
      expect([status, body.intent, body.intentBy]).toEqual([200, intent, owner.account.name])
    }
    expect((await call('DELETE', `${base}/${id}`)).status).toBe(200)
    expect((await call('GET', `${owner.account.name}/event-listeners`)).body).toEqual([])
    expect((await call('GET', `${base}/${id}`)).status).toBe(404)
  })

  it('says what is wrong with a request', async () => {
    const base = `${owner.account.id}/event-listeners`
    const messageOf = async (body: unknown) => {
      const answer = await call('POST', base, body)
      return `${answer.status} ${answer.body.error.message}`
    }
    expect(await messageOf(listener({ sourceType: 'AmazonSQS' }))).toBe('400 sourceType: Only AzureSB is served.')
    expect(await messageOf(listener({ concurrency: 0 }))).toContain('400 concurrency: Enter a whole number')
    expect(await messageOf(listener({ sourceURI: 'missing' }))).toContain('400 There is no queue missing')
    expect(await messageOf(listener({ algoName: 'Missing' }))).toContain('404 There is no algorithm')
    expect(await messageOf('text')).toContain('400')
    expect((await call('PATCH', base, {})).status).toBe(405)
  })

  it('is for the account itself, with a key that may manage, and never for an algorithm at work', async () => {
    const base = `${owner.account.id}/event-listeners`
    const { id } = (await call('POST', base, listener())).body
    const other = await makeUserContext(database.db)
    const otherKey = await managingKey(other)
    expect((await call('GET', base, undefined, otherKey)).status).toBe(404)
    expect((await call('POST', `${other.account.id}/event-listeners/${id}/pause`, undefined, otherKey)).status).toBe(
      404,
    )
    expect((await call('POST', `${base}/${id}/pause`, undefined, await makeApiKey(owner))).status).toBe(403)
    const inside = await answerWorker(new Request(`http://inside/v1/users/${base}`), {
      algorithmId: id,
      algorithmName: 'x/Hello',
      ownerId: owner.account.id,
      callerId: owner.account.id,
      callerDataRight: 'read_write',
    })
    expect(inside.status).toBe(403)
  })
})
