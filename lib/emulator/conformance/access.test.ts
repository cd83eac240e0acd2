import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { signToken } from '../links/test-token'

let broker: TestBroker

beforeAll(async () => {
  broker = await testBroker({ queues: { open: {}, other: {} } })
  await administrationClient(broker.connectionString).createQueue('keyed', {
    authorizationRules: [
      rule('AccessPolicyQueue', 'all-of-it', ['Listen', 'Send', 'Manage']),
      rule('listener', 'listen-only', ['Listen']),
      rule('sender', 'send-only', ['Send']),
    ],
  })
})

afterAll(() => broker?.close())

function rule(keyName: string, key: string, accessRights: ('Listen' | 'Send' | 'Manage')[]) {
  return { claimType: 'SharedAccessKey', keyName, primaryKey: key, secondaryKey: `${key}-2`, accessRights }
}

function withKey(name: string, key: string): string {
  return `Endpoint=sb://127.0.0.1:${broker.port};SharedAccessKeyName=${name};SharedAccessKey=${key};UseDevelopmentEmulator=true`
}

function withSignature(signature: string): string {
  return `Endpoint=sb://127.0.0.1:${broker.port};SharedAccessSignature=${signature};UseDevelopmentEmulator=true`
}

/** `ok`, or the error's code and text. */
async function attempt(connectionString: string, use: (client: ServiceBusClient) => Promise<unknown>): Promise<string> {
  const client = new ServiceBusClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 3000 } })
  try {
    await use(client)
    return 'ok'
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return `${code}: ${message}`
  } finally {
    await client.close()
  }
}

const peek = (queue: string) => (client: ServiceBusClient) => client.createReceiver(queue).peekMessages(1)
const receive = (queue: string) => (client: ServiceBusClient) =>
  client.createReceiver(queue).receiveMessages(1, { maxWaitTimeInMs: 50 })
const send = (queue: string) => (client: ServiceBusClient) => client.createSender(queue).sendMessages({ body: 1 })
const makeBatch = (queue: string) => (client: ServiceBusClient) => client.createSender(queue).createMessageBatch()

describe('shared access keys', () => {
  it('of the namespace open every queue', async () => {
    expect(await attempt(broker.connectionString, peek('open'))).toBe('ok')
    expect(await attempt(broker.connectionString, send('other'))).toBe('ok')
  })

  it.each([
    ['a wrong key', () => withKey('RootManageSharedAccessKey', 'd3Jvbmc=')],
    ['an unknown key name', () => withKey('Nobody', 'd3Jvbmc=')],
  ])('refuse %s at once', async (_, connectionString) => {
    for (const use of [peek('open'), receive('open'), send('open'), makeBatch('open')]) {
      expect(await attempt(connectionString(), use)).toMatch(/^UnauthorizedAccess: InvalidSignature/)
    }
  })

  it('of a queue stay when an update says nothing of them, and are gone when it names none', async () => {
    const administration = administrationClient(broker.connectionString)
    await administration.createQueue('unkeyed', { authorizationRules: [rule('k', 'once', ['Send'])] })
    const found = await administration.getQueue('unkeyed')
    await administration.updateQueue({ ...found, authorizationRules: undefined })
    expect(await attempt(withKey('k', 'once'), send('unkeyed'))).toBe('ok')
    const updated = await administration.updateQueue({ ...found, authorizationRules: [] })
    expect(updated.authorizationRules ?? []).toEqual([])
    expect(await attempt(withKey('k', 'once'), send('unkeyed'))).toMatch(/^UnauthorizedAccess: InvalidSignature/)
  })

  it('refuse an expired signature and one for another queue', async () => {
    const key = /SharedAccessKey=([^;]+)/.exec(broker.connectionString)?.[1] as string
    const uri = (queue: string) => `sb://127.0.0.1:${broker.port}/${queue}`
    const sign = (queue: string, expiresAtMs: number) =>
      withSignature(signToken({ name: 'RootManageSharedAccessKey', key }, uri(queue), expiresAtMs))
    const soon = Date.now() + 60_000
    expect(await attempt(sign('open', soon), receive('open'))).toBe('ok')
    expect(await attempt(sign('open', Date.now() - 1000), receive('open'))).toMatch(/^UnauthorizedAccess: ExpiredToken/)
    expect(await attempt(sign('other', soon), receive('open'))).toMatch(/^UnauthorizedAccess: InvalidAudience/)
  })

  it('of a queue open that queue only, with either of their two keys', async () => {
    for (const key of ['all-of-it', 'all-of-it-2']) {
      expect(await attempt(withKey('AccessPolicyQueue', key), send('keyed'))).toBe('ok')
      expect(await attempt(withKey('AccessPolicyQueue', key), peek('keyed'))).toBe('ok')
    }
    expect(await attempt(withKey('AccessPolicyQueue', 'all-of-it'), peek('open'))).toMatch(/^UnauthorizedAccess/)
  })

  it('allow what their rights say', async () => {
    expect(await attempt(withKey('listener', 'listen-only'), receive('keyed'))).toBe('ok')
    expect(await attempt(withKey('sender', 'send-only'), send('keyed'))).toBe('ok')
    expect(await attempt(withKey('listener', 'listen-only'), send('keyed'))).toMatch(
      /^UnauthorizedAccess: .*'Send' claim/,
    )
    for (const use of [receive('keyed'), peek('keyed')]) {
      expect(await attempt(withKey('sender', 'send-only'), use)).toMatch(/^UnauthorizedAccess: .*'Listen' claim/)
    }
  })
})

describe('a queue that does not exist', () => {
  it.each([
    ['peek', peek('nope')],
    ['receive', receive('nope')],
    ['send', send('nope')],
    ['make a batch', makeBatch('nope')],
  ])('is named when a client wants to %s', async (_, use) => {
    expect(await attempt(broker.connectionString, use)).toMatch(/^MessagingEntityNotFound/)
  })
})

describe('a queue’s status', () => {
  it('stops sending, receiving or both, at once and for links that are open', async () => {
    const administration = administrationClient(broker.connectionString)
    await broker.createQueue('status')
    const setStatus = async (status: 'Active' | 'Disabled' | 'SendDisabled' | 'ReceiveDisabled') =>
      administration.updateQueue({ ...(await administration.getQueue('status')), status })
    const client = new ServiceBusClient(broker.connectionString, { retryOptions: { maxRetries: 0 } })
    const sender = client.createSender('status')
    await sender.sendMessages({ body: 1 })
    await setStatus('SendDisabled')
    await expect(sender.sendMessages({ body: 2 })).rejects.toMatchObject({ code: 'MessagingEntityDisabled' })
    expect(await attempt(broker.connectionString, send('status'))).toMatch(/^MessagingEntityDisabled/)
    expect(await attempt(broker.connectionString, receive('status'))).toBe('ok')
    await setStatus('ReceiveDisabled')
    expect(await attempt(broker.connectionString, send('status'))).toBe('ok')
    expect(await attempt(broker.connectionString, receive('status'))).toMatch(/^MessagingEntityDisabled/)
    await setStatus('Active')
    expect(await attempt(broker.connectionString, receive('status'))).toBe('ok')
    await client.close()
  })
})
