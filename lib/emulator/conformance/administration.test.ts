import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { signToken } from '../links/test-token'
import { receiveOne } from './receive'

let broker: TestBroker
let administration: ReturnType<typeof administrationClient>

beforeAll(async () => {
  broker = await testBroker()
  administration = administrationClient(broker.connectionString)
})

afterAll(() => broker?.close())

describe('the administration client', () => {
  it('finds the two queues of a broker without a configuration, with the settings of the guide’s template', async () => {
    const names: string[] = []
    for await (const queue of administration.listQueues()) names.push(queue.name)
    expect(names).toEqual(['demo-queue', 'my-queue'])
    expect(await administration.getQueue('my-queue')).toMatchObject({
      lockDuration: 'PT5M',
      maxSizeInMegabytes: 1024,
      requiresDuplicateDetection: false,
      requiresSession: false,
      defaultMessageTimeToLive: 'P10675199DT2H48M5.4775807S',
      deadLetteringOnMessageExpiration: false,
      duplicateDetectionHistoryTimeWindow: 'PT10M',
      maxDeliveryCount: 10,
      enableBatchedOperations: true,
      autoDeleteOnIdle: 'P10675199DT2H48M5.4775807S',
      enablePartitioning: false,
      enableExpress: false,
      status: 'Active',
    })
  })

  it('creates, changes and deletes a queue, and keeps it over a restart', async () => {
    const created = await administration.createQueue('made', { lockDuration: 'PT30S', maxDeliveryCount: 4 })
    expect(created).toMatchObject({ name: 'made', lockDuration: 'PT30S', maxDeliveryCount: 4 })
    await administration.updateQueue({
      ...created,
      maxDeliveryCount: 7,
      userMetadata: 'ours & theirs',
      enableBatchedOperations: false,
    })
    await broker.restart('SIGKILL')
    expect(await administration.getQueue('made')).toMatchObject({
      lockDuration: 'PT30S',
      maxDeliveryCount: 7,
      userMetadata: 'ours & theirs',
      enableBatchedOperations: false,
    })
    await administration.deleteQueue('made')
    expect(await administration.queueExists('made')).toBe(false)
    await broker.restart('SIGKILL')
    expect(await administration.queueExists('made')).toBe(false)
  })

  it('gets the service’s errors', async () => {
    await administration.createQueue('taken')
    await expect(administration.createQueue('Taken')).rejects.toMatchObject({ code: 'MessageEntityAlreadyExistsError' })
    await expect(administration.getQueue('nope')).rejects.toMatchObject({ code: 'MessageEntityNotFoundError' })
    await expect(administration.deleteQueue('nope')).rejects.toMatchObject({ code: 'MessageEntityNotFoundError' })
    await expect(administration.createQueue('bad', { maxDeliveryCount: 0 })).rejects.toThrow(/MaxDeliveryCount/)
    await expect(administration.createQueue('long', { lockDuration: 'PT6M' })).rejects.toThrow(/LockDuration/)
    const wrongKey = administrationClient(
      broker.connectionString.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=no'),
    )
    await expect(wrongKey.getQueue('taken')).rejects.toMatchObject({ code: 'UnauthorizedRequestError' })
  })

  it('is told when a name is none for a queue, also in letters that a URL has to encode', async () => {
    for (const name of ['a b', 'größe']) {
      await expect(administration.createQueue(name)).rejects.toThrow(/is not a queue name/)
    }
  })

  it('manages a queue with the name of the health check', async () => {
    await administration.createQueue('health', { maxDeliveryCount: 4 })
    expect(await administration.getQueue('health')).toMatchObject({ name: 'health', maxDeliveryCount: 4 })
    expect((await fetch(`http://127.0.0.1:${broker.port}/health`)).status).toBe(200)
    await administration.deleteQueue('health')
    expect(await administration.queueExists('health')).toBe(false)
  })

  it('is told that subscriptions and rules are not served, and that a queue is no topic', async () => {
    const refusal = /Topics, subscriptions and rules are not served/
    await expect(administration.createSubscription('my-queue', 's')).rejects.toThrow(refusal)
    await expect(administration.createRule('my-queue', 's', 'r', { sqlExpression: '1=1' })).rejects.toThrow(refusal)
    await expect(administration.createTopic('t')).rejects.toThrow(refusal)
    await expect(administration.createTopic('my-queue')).rejects.toMatchObject({
      code: 'MessageEntityAlreadyExistsError',
    })
    await expect(administration.getTopic('my-queue')).rejects.toThrow(/cannot form a topic/)
    expect(await administration.topicExists('my-queue')).toBe(false)
    await expect(administration.getSubscription('my-queue', 's')).rejects.toMatchObject({
      code: 'MessageEntityNotFoundError',
    })
  })

  it('does not take the address of a dead-letter queue for its queue', async () => {
    await administration.createQueue('whole')
    const missing = { code: 'MessageEntityNotFoundError' }
    await expect(administration.deleteQueue('whole/$DeadLetterQueue')).rejects.toMatchObject(missing)
    await expect(administration.getQueue('whole/$DeadLetterQueue')).rejects.toMatchObject(missing)
    expect(await administration.queueExists('whole')).toBe(true)
  })

  it('lists queues page by page', async () => {
    for (let number = 0; number < 5; number++) await administration.createQueue(`page-${number}`)
    const pages = administration.listQueues().byPage({ maxPageSize: 2 })
    const sizes: number[] = []
    const names: string[] = []
    for await (const page of pages) {
      sizes.push(page.length)
      names.push(...page.map((queue) => queue.name))
    }
    expect(Math.max(...sizes)).toBe(2)
    expect(names.filter((name) => name.startsWith('page-'))).toHaveLength(5)
  })

  it('counts active, deferred, scheduled and dead-lettered messages', async () => {
    await administration.createQueue('counted')
    const client = new ServiceBusClient(broker.connectionString)
    const sender = client.createSender('counted')
    await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }])
    await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 60_000))
    const receiver = client.createReceiver('counted')
    await receiver.deadLetterMessage(await receiveOne(receiver))
    await receiver.deferMessage(await receiveOne(receiver))
    expect(await administration.getQueueRuntimeProperties('counted')).toMatchObject({
      activeMessageCount: 2,
      deadLetterMessageCount: 1,
      scheduledMessageCount: 1,
      totalMessageCount: 4,
    })
    await client.close()
  })

  it('reads the namespace', async () => {
    expect(await administration.getNamespaceProperties()).toMatchObject({ name: 'headrace', messagingSku: 'Standard' })
  })
})

describe('the HTTP side', () => {
  it.each([
    ['<LockDuration>banana</LockDuration>', /LockDuration has the value .*banana/],
    ['<LockDuration>-PT5S</LockDuration>', /LockDuration has the value .*-PT5S/],
    ['<DefaultMessageTimeToLive>P1M</DefaultMessageTimeToLive>', /DefaultMessageTimeToLive has the value .*P1M/],
    ['<DuplicateDetectionHistoryTimeWindow>1</DuplicateDetectionHistoryTimeWindow>', /has the value .*1/],
    ['<Status>Sleeping</Status>', /Status has the value .*Sleeping/],
    ['<RequiresSession>maybe</RequiresSession>', /RequiresSession has the value .*maybe/],
    ['<MaxDeliveryCount>many</MaxDeliveryCount>', /MaxDeliveryCount has the value .*many/],
    ['<MaxSizeInMegabytes>0</MaxSizeInMegabytes>', /MaxSizeInMegabytes must be/],
    ['<AuthorizationRules>k</AuthorizationRules>', /AuthorizationRules must be a list/],
    [ruled('', '<AccessRights>Send</AccessRights>'), /AuthorizationRules has a rule without a KeyName/],
    [
      ruled('k', '<AccessRights>Fly</AccessRights>'),
      /AccessRights of the authorization rule .*k.* has the value .*Fly/,
    ],
    [ruled('k', ''), /authorization rule .*k.* has no AccessRights/],
    [ruled('k', '<AccessRights>Send</AccessRights>', 2), /AuthorizationRules has two rules with the KeyName .*k/],
  ])('refuses a queue with %s, and does not make it', async (setting, expected) => {
    const { status, text } = await put('refused', describing(setting))
    expect(status).toBe(400)
    expect(text).toMatch(expected)
    expect(await administration.queueExists('refused')).toBe(false)
  })

  it('keeps blanks around the metadata, and reads the other settings without those around them', async () => {
    const metadata = '  a\n b '
    const { status } = await put(
      'blank',
      describing(` <LockDuration>\n PT30S </LockDuration> <UserMetadata>${metadata}</UserMetadata>\n`),
    )
    expect(status).toBe(201)
    expect((await request('GET', 'blank')).text).toContain(`<UserMetadata>${metadata}</UserMetadata>`)
    const found = await administration.getQueue('blank')
    expect(found.lockDuration).toBe('PT30S')
    await administration.updateQueue({ ...found, userMetadata: ' ' })
    expect((await request('GET', 'blank')).text).toContain('<UserMetadata> </UserMetadata>')
  })

  it('reads all forms of a boolean in XML', async () => {
    await put(
      'flags',
      describing('<RequiresSession>1</RequiresSession><RequiresDuplicateDetection>0</RequiresDuplicateDetection>'),
    )
    expect(await administration.getQueue('flags')).toMatchObject({
      requiresSession: true,
      requiresDuplicateDetection: false,
    })
  })

  it('answers a body that is not XML with a sentence, whatever the size of the body', async () => {
    const { status, text } = await put('deep', '<a>'.repeat(40_000))
    expect(status).toBe(400)
    expect(text).toMatch(/The body is not XML/)
    expect(text.length).toBeLessThan(2000)
  })

  it('refuses a body that is too large, and serves the requests after it', async () => {
    for (let round = 0; round < 3; round++) {
      expect(await put('large', 'x'.repeat(3_000_000))).toMatchObject({ status: 413 })
      for (let after = 0; after < 3; after++) expect(await put('small', '<a>')).toMatchObject({ status: 400 })
    }
  })

  it('has no next page for a page of nothing', async () => {
    const { text } = await request('GET', '$Resources/queues?$skip=0&$top=0')
    expect(text).not.toContain('rel="next"')
  })

  it('tells that it is healthy without a key', async () => {
    const response = await fetch(`http://127.0.0.1:${broker.port}/health`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'healthy' })
  })
})

function describing(settings: string): string {
  return `<entry><content><QueueDescription>${settings}</QueueDescription></content></entry>`
}

function ruled(name: string, rights: string, times = 1): string {
  const rule = `<AuthorizationRule><Rights>${rights}</Rights><KeyName>${name}</KeyName></AuthorizationRule>`
  return `<AuthorizationRules>${rule.repeat(times)}</AuthorizationRules>`
}

function put(queue: string, body: string) {
  return request('PUT', queue, body)
}

async function request(method: string, path: string, body?: string) {
  const base = `http://127.0.0.1:${broker.port}`
  const key = /SharedAccessKey=([^;]+)/.exec(broker.connectionString)?.[1] as string
  const authorization = signToken({ name: 'RootManageSharedAccessKey', key }, base, Date.now() + 60_000)
  const response = await fetch(`${base}/${path}`, { method, body, headers: { authorization } })
  return { status: response.status, text: await response.text() }
}
