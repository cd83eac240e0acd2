import { type ServiceBusReceivedMessage as Received, ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { codeOf, receiveMany, receiveOne } from './receive'

let broker: TestBroker
let client: ServiceBusClient

beforeAll(async () => {
  broker = await testBroker({
    queues: {
      expiry: { lockDurationMs: 2000, maxDeliveryCount: 3 },
      'max-tries': { lockDurationMs: 200, maxDeliveryCount: 2 },
      renew: {},
      later: { maxDeliveryCount: 3 },
      schedule: {},
      'to-dead': { deadLetteringOnExpiration: true },
      'to-nothing': { defaultTimeToLiveMs: 300 },
      twice: { requiresDuplicateDetection: true, duplicateDetectionWindowMs: 600 },
    },
  })
  client = new ServiceBusClient(broker.connectionString)
})

afterAll(async () => {
  await client?.close()
  await broker?.close()
})

// Each test has a queue of its own, and mostly waits.
describe.concurrent('locks', () => {
  it('end with their time: the message comes again, counted, and a late completion is refused', async () => {
    await client.createSender('expiry').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('expiry', { maxAutoLockRenewalDurationInMs: 0 })
    const first = await receiveOne(receiver)
    const second = await receiveOne(receiver)
    expect(second.deliveryCount).toBe(1)
    expect(await codeOf(receiver.completeMessage(first))).toBe('MessageLockLost')
    await receiver.completeMessage(second)
    expect(await countIn('expiry')).toBe(0)
    await receiver.close()
  })

  it('that end too often bring the message to the dead-letter queue', async () => {
    await client.createSender('max-tries').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('max-tries', { maxAutoLockRenewalDurationInMs: 0 })
    await receiveOne(receiver)
    await receiveOne(receiver)
    const deadLetters = client.createReceiver('max-tries', { subQueueType: 'deadLetter' })
    expect((await receiveOne(deadLetters)).deadLetterReason).toBe('MaxDeliveryCountExceeded')
    await Promise.all([receiver.close(), deadLetters.close()])
  })

  it('are renewed by hand', async () => {
    await client.createSender('renew').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('renew', { maxAutoLockRenewalDurationInMs: 0 })
    const message = await receiveOne(receiver)
    const before = message.lockedUntilUtc as Date
    const until = await receiver.renewMessageLock(message)
    expect(until.getTime()).toBeGreaterThan(before.getTime())
    await receiver.completeMessage(message)
    await receiver.close()
  })

  it('outlive the link: the message is settled through $management', async () => {
    await client.createSender('later').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }])
    const receiver = client.createReceiver('later', { maxAutoLockRenewalDurationInMs: 0 })
    const [one, two, three] = (await receiveMany(receiver, 3)) as [Received, Received, Received]
    await receiver.close()
    const other = client.createReceiver('later')
    await other.completeMessage(one)
    await other.deadLetterMessage(two, { deadLetterReason: 'why', deadLetterErrorDescription: '' })
    await other.abandonMessage(three)
    const again = await receiveOne(other)
    expect(again).toMatchObject({ body: 3, deliveryCount: 1 })
    await other.completeMessage(again)
    const counts = await administrationClient(broker.connectionString).getQueueRuntimeProperties('later')
    expect(counts).toMatchObject({ activeMessageCount: 0, deadLetterMessageCount: 1 })
    await other.close()
  })
})

describe.concurrent('time', () => {
  it('brings scheduled messages when they are due, unless they were cancelled', async () => {
    const sender = client.createSender('schedule')
    const at = new Date(Date.now() + 3000)
    const numbers = await sender.scheduleMessages([{ body: 'kept' }, { body: 'cancelled' }], at)
    await sender.sendMessages({ body: 'by annotation', scheduledEnqueueTimeUtc: at })
    const receiver = client.createReceiver('schedule')
    expect((await receiver.peekMessages(5)).map((message) => message.state)).toEqual(Array(3).fill('scheduled'))
    const second = numbers[1] as NonNullable<(typeof numbers)[1]>
    await sender.cancelScheduledMessages(second)
    expect(await codeOf(sender.cancelScheduledMessages(second))).toBe('MessageNotFound')
    const received = await receiveMany(receiver, 2)
    expect(Date.now()).toBeGreaterThanOrEqual(at.getTime())
    expect(received.map((message) => message.body)).toEqual(['kept', 'by annotation'])
    await receiver.close()
  })

  it('moves an expired message to the dead-letter queue when the queue says so', async () => {
    await client.createSender('to-dead').sendMessages({ body: 'x', timeToLive: 200 })
    const deadLetters = client.createReceiver('to-dead', { subQueueType: 'deadLetter' })
    expect((await receiveOne(deadLetters)).deadLetterReason).toBe('TTLExpiredException')
    await deadLetters.close()
  })

  it('drops an expired message otherwise, by the queue’s time to live when the message has none', async ({
    expect,
  }) => {
    await client.createSender('to-nothing').sendMessages([{ body: 'x' }, { body: 'y', timeToLive: 3_600_000 }])
    await expect.poll(() => countIn('to-nothing'), { timeout: 5000 }).toBe(0)
  })

  it('forgets a message id after the window of duplicate detection', async ({ expect }) => {
    const sender = client.createSender('twice')
    // In one batch: on a slow machine the window could pass between two sends.
    await sender.sendMessages([0, 1, 2].map((body) => ({ body, messageId: 'same' })))
    expect(await countIn('twice')).toBe(1)
    await expect
      .poll(
        async () => {
          await sender.sendMessages({ body: 'later', messageId: 'same' })
          return countIn('twice')
        },
        { timeout: 5000 },
      )
      .toBe(2)
  })
})

/** Messages in a queue and in its dead-letter queue, in any state. */
async function countIn(queue: string): Promise<number | undefined> {
  return (await administrationClient(broker.connectionString).getQueueRuntimeProperties(queue)).totalMessageCount
}
