import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus'
import { receiveMany, receiveOne } from '../../receive'
import { bodies, fails, PLAIN, peekBodies, totalCount, withClient } from './connecting'
import type { Check } from './main'

const send = (client: ServiceBusClient, queue: string, ...sent: unknown[]) =>
  client.createSender(queue).sendMessages(sent.map((body) => ({ body })))

/** Sends one message, receives it, and hands both to `use`. */
const withMessage =
  (
    use: (
      message: ServiceBusReceivedMessage,
      receiver: ReturnType<ServiceBusClient['createReceiver']>,
      queue: string,
      client: ServiceBusClient,
    ) => Promise<void>,
    renewMs = 0,
  ): Check =>
  (queue) =>
    withClient(async (client) => {
      await send(client, queue, 'one')
      const receiver = client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: renewMs })
      await use(await receiveOne(receiver), receiver, queue, client)
    })

const roundTrip =
  (connectionString?: string): Check =>
  (queue) =>
    withClient(async (client) => {
      await send(client, queue, 'one')
      const receiver = client.createReceiver(queue)
      await receiver.completeMessage(await receiveOne(receiver))
    }, connectionString)

export const receivingChecks: Record<string, Check> = {
  plain: roundTrip(PLAIN),
  tls: roundTrip(),
  'send-one': (queue) =>
    withClient(async (client) => {
      const sent = {
        body: { text: 'é' },
        messageId: 'the-id',
        subject: 'subject',
        contentType: 'application/json',
        correlationId: 'correlation',
        to: 'to',
        replyTo: 'reply',
        timeToLive: 3_600_000,
        applicationProperties: { text: 'é', number: -3, half: 1.5, yes: true },
      }
      await client.createSender(queue).sendMessages(sent)
      const message = await receiveOne(client.createReceiver(queue))
      for (const [name, value] of Object.entries(sent)) assert.deepEqual(message[name as keyof typeof message], value)
    }),
  'send-batch': (queue) =>
    withClient(async (client) => {
      const sender = client.createSender(queue)
      await sender.sendMessages([{ body: 'a' }, { body: 'b' }])
      const batch = await sender.createMessageBatch()
      assert.equal(batch.maxSizeInBytes, 1024 * 1024)
      for (const body of ['c', 'd']) assert(batch.tryAddMessage({ body }))
      await sender.sendMessages(batch)
      assert.deepEqual(bodies(await receiveMany(client.createReceiver(queue), 4)), ['a', 'b', 'c', 'd'])
    }),
  stream: (queue) =>
    withClient(async (client) => {
      const numbers = Array.from({ length: 100 }, (_, number) => number)
      await send(client, queue, ...numbers)
      const receiver = client.createReceiver(queue)
      const seen: unknown[] = []
      for await (const message of receiver.getMessageIterator()) {
        seen.push(message.body)
        await receiver.completeMessage(message)
        if (seen.length === numbers.length) break
      }
      assert.deepEqual(seen, numbers)
      assert.equal(await totalCount(queue), 0)
    }),
  many: (queue) =>
    withClient(async (client) => {
      await send(client, queue, ...Array.from({ length: 2200 }, (_, number) => number))
      const receiver = client.createReceiver(queue)
      for (let batch = 0; batch < 11; batch++) {
        const messages = await receiveMany(receiver, 200)
        await Promise.all(messages.map((message) => receiver.completeMessage(message)))
      }
      assert.equal(await totalCount(queue), 0)
    }),
  'receive-and-delete': (queue) =>
    withClient(async (client) => {
      await send(client, queue, 'a', 'b')
      const receiver = client.createReceiver(queue, { receiveMode: 'receiveAndDelete' })
      assert.deepEqual(bodies(await receiveMany(receiver, 2)), ['a', 'b'])
      assert.equal(await totalCount(queue), 0)
    }),
  complete: withMessage(async (message, receiver, queue) => {
    await receiver.completeMessage(message)
    assert.equal(await totalCount(queue), 0)
  }),
  abandon: withMessage(async (message, receiver) => {
    await receiver.abandonMessage(message)
    assert.equal((await receiveOne(receiver)).deliveryCount, 1)
  }),
  'max-deliveries': withMessage(async (message, receiver, queue, client) => {
    await receiver.abandonMessage(message)
    await receiver.abandonMessage(await receiveOne(receiver))
    const dead = await receiveOne(client.createReceiver(queue, { subQueueType: 'deadLetter' }))
    assert.equal(dead.deadLetterReason, 'MaxDeliveryCountExceeded')
  }),
  'dead-letter': withMessage(async (message, receiver, queue, client) => {
    await receiver.deadLetterMessage(message, { deadLetterReason: 'why', deadLetterErrorDescription: 'because' })
    const deadLetters = client.createReceiver(queue, { subQueueType: 'deadLetter' })
    const dead = await receiveOne(deadLetters)
    assert.deepEqual([dead.deadLetterReason, dead.deadLetterErrorDescription], ['why', 'because'])
    await deadLetters.completeMessage(dead)
    assert.equal(await totalCount(queue), 0)
  }),
  defer: withMessage(async (message, receiver, queue) => {
    await receiver.deferMessage(message)
    assert.deepEqual(await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 }), [])
    const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber as never)
    await receiver.completeMessage(deferred as ServiceBusReceivedMessage)
    assert.equal(await totalCount(queue), 0)
  }),
  'settle-by-management': (queue) => withClient((client) => settleDeferred(client, queue)),
  peek: (queue) =>
    withClient(async (client) => {
      await send(client, queue, 'a', 'b', 'c')
      const receiver = client.createReceiver(queue)
      assert.deepEqual(await peekBodies(receiver, 2), ['a', 'b'])
      assert.deepEqual(await peekBodies(receiver, 10), ['c'])
    }),
  schedule: (queue) =>
    withClient(async (client) => {
      const sender = client.createSender(queue)
      const soon = Date.now() + 1000
      await sender.scheduleMessages([{ body: 'a' }, { body: 'b' }], new Date(soon))
      const [cancelled] = await sender.scheduleMessages({ body: 'never' }, new Date(Date.now() + 3_600_000))
      await sender.cancelScheduledMessages(cancelled as NonNullable<typeof cancelled>)
      await fails('MessageNotFound', sender.cancelScheduledMessages(cancelled as NonNullable<typeof cancelled>))
      assert.deepEqual(bodies(await receiveMany(client.createReceiver(queue), 2)), ['a', 'b'])
      assert(Date.now() >= soon)
    }),
  'time-to-live': (queue) =>
    withClient(async (client) => {
      await client.createSender(queue).sendMessages({ body: 'one', timeToLive: 200 })
      const dead = await receiveOne(client.createReceiver(queue, { subQueueType: 'deadLetter' }))
      assert.equal(dead.deadLetterReason, 'TTLExpiredException')
    }),
  duplicates: (queue) =>
    withClient(async (client) => {
      for (const body of ['first', 'second']) await client.createSender(queue).sendMessages({ body, messageId: 'same' })
      assert.equal((await receiveOne(client.createReceiver(queue))).body, 'first')
      assert.equal(await totalCount(queue), 1)
    }),
  'renew-lock': withMessage(async (message, receiver) => {
    const before = message.lockedUntilUtc as Date
    assert((await receiver.renewMessageLock(message)) > before)
    await receiver.completeMessage(message)
  }),
  'renew-automatically': withMessage(async (message, receiver, queue) => {
    await wait(7000)
    await receiver.completeMessage(message)
    assert.equal(await totalCount(queue), 0)
  }, 30_000),
  'error-lock-lost': withMessage(async (message, receiver) => {
    assert.equal((await receiveOne(receiver)).deliveryCount, 1)
    await fails('MessageLockLost', receiver.completeMessage(message))
    await fails('MessageLockLost', receiver.renewMessageLock(message))
  }),
}

/** Deferred messages have no link: they are settled by `update-disposition`. */
async function settleDeferred(client: ServiceBusClient, queue: string): Promise<void> {
  await send(client, queue, 'complete', 'abandon', 'defer', 'dead-letter')
  const receiver = client.createReceiver(queue)
  const messages = await receiveMany(receiver, 4)
  for (const message of messages) await receiver.deferMessage(message)
  const numbers = messages.map((message) => message.sequenceNumber as NonNullable<typeof message.sequenceNumber>)
  const deferred = await receiver.receiveDeferredMessages(numbers)
  const found = (body: string) => deferred.find((message) => message.body === body) as ServiceBusReceivedMessage
  await receiver.completeMessage(found('complete'))
  await receiver.abandonMessage(found('abandon'))
  await receiver.deferMessage(found('defer'))
  await receiver.deadLetterMessage(found('dead-letter'), { deadLetterReason: 'why', deadLetterErrorDescription: '' })
  const again = await receiver.receiveDeferredMessages(numbers.slice(1, 3))
  assert.deepEqual(bodies(again), ['abandon', 'defer'])
  const dead = await receiveOne(client.createReceiver(queue, { subQueueType: 'deadLetter' }))
  assert.equal(dead.deadLetterReason, 'why')
}
