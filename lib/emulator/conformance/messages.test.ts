import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { administrationClient, type TestBroker, testBroker } from '@/lib/testing/broker'
import { deferred } from '@/lib/testing/deferred'
import { codeOf, receiveMany, receiveOne } from './receive'

let broker: TestBroker
let client: ServiceBusClient

beforeAll(async () => {
  broker = await testBroker({
    queues: {
      many: {},
      ring: {},
      tries: { maxDeliveryCount: 3 },
      'dead-letter': {},
      types: {},
      delete: {},
      defer: {},
      peek: {},
      'no-id': {},
      drain: {},
      dead: {},
      full: {},
      'full-dead': {},
      grow: {},
    },
  })
  client = new ServiceBusClient(broker.connectionString)
})

afterAll(async () => {
  await client?.close()
  await broker?.close()
})

describe('sending and receiving', () => {
  it('carries 1000 batched messages to a subscriber, each once, 16 at a time', async () => {
    await sendNumbered('many', 1000)
    const receiver = client.createReceiver('many')
    const seen: number[] = []
    let running = 0
    let most = 0
    await new Promise<void>((resolve, reject) => {
      receiver.subscribe(
        {
          async processMessage(message) {
            most = Math.max(most, ++running)
            expect(message.body.number).toBe(message.applicationProperties?.number)
            await Promise.resolve()
            running--
            if (seen.push(message.body.number) === 1000) resolve()
          },
          processError: async ({ error }) => reject(error),
        },
        { maxConcurrentCalls: 16 },
      )
    })
    await receiver.close()
    expect(new Set(seen).size).toBe(1000)
    expect(most).toBeLessThanOrEqual(16)
    expect(await countIn('many')).toBe(0)
  })

  it('goes on past 2048 settled deliveries on one link', async () => {
    await sendNumbered('ring', 2500)
    const receiver = client.createReceiver('ring')
    let received = 0
    while (received < 2500) {
      const messages = await receiveMany(receiver, Math.min(250, 2500 - received))
      await Promise.all(messages.map((message) => receiver.completeMessage(message)))
      received += messages.length
    }
    await receiver.close()
  })

  it('keeps body, properties and the types of application properties', async () => {
    const sent = {
      body: { text: 'é', nothing: null, large: 'x'.repeat(900_000) },
      messageId: 'id',
      contentType: 'application/json',
      subject: 'subject',
      correlationId: 'correlation',
      to: 'to',
      replyTo: 'reply',
      timeToLive: 3_600_000,
      partitionKey: 'key',
      applicationProperties: { date: new Date(1_700_000_000_000), half: 1.5, minus: -3, yes: true, umlaut: 'ü' },
    }
    await client.createSender('types').sendMessages(sent)
    const receiver = client.createReceiver('types')
    const message = await receiveOne(receiver)
    // The client reads timestamps among application properties as numbers.
    const { date, ...others } = sent.applicationProperties
    expect(message).toMatchObject({ ...sent, applicationProperties: { ...others, date: date.getTime() } })
    await receiver.completeMessage(message)
    await receiver.close()
  })

  it('refuses a message above the size limit', async () => {
    expect(await codeOf(client.createSender('types').sendMessages({ body: 'x'.repeat(1_100_000) }))).toBe(
      'MessageSizeExceeded',
    )
  })

  it('gives a message without an id one, so that it can be completed', async () => {
    await client.createSender('no-id').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('no-id')
    const message = await receiveOne(receiver)
    expect(message.messageId).toMatch(/^[0-9a-f]{32}$/)
    await receiver.completeMessage(message)
    await receiver.close()
  })

  it('deletes on delivery in receive-and-delete mode', async () => {
    await sendNumbered('delete', 50)
    const receiver = client.createReceiver('delete', { receiveMode: 'receiveAndDelete' })
    expect(await receiveMany(receiver, 50)).toHaveLength(50)
    expect(await countIn('delete')).toBe(0)
    await receiver.close()
  })

  it('loses nothing when a subscription is closed in the middle', async () => {
    await sendNumbered('drain', 200)
    const receiver = client.createReceiver('drain')
    let handled = 0
    const enough = deferred()
    const errors: unknown[] = []
    const subscription = receiver.subscribe(
      {
        async processMessage() {
          if (++handled === 20) enough.resolve()
        },
        processError: async ({ error }) => void errors.push(error),
      },
      { maxConcurrentCalls: 16 },
    )
    await enough.promise
    expect(errors).toEqual([])
    await subscription.close()
    await receiver.close()
    // Completed or still there, none twice and none gone.
    const rest = await peekAll('drain')
    const restNumbers = new Set(rest.map((message) => message.body.number))
    expect(restNumbers.size + handled).toBeGreaterThanOrEqual(200)
    expect(restNumbers.size).toBe(rest.length)
  })
})

describe('settling', () => {
  it('abandons with property changes and dead-letters after the last try', async () => {
    await client.createSender('tries').sendMessages({ body: 'x', applicationProperties: { kept: 'yes' } })
    const receiver = client.createReceiver('tries')
    const counts: (number | undefined)[] = []
    for (let attempt = 1; attempt <= 3; attempt++) {
      const message = await receiveOne(receiver)
      counts.push(message.deliveryCount)
      await receiver.abandonMessage(message, { attempt })
    }
    expect(counts).toEqual([0, 1, 2])
    const deadLetters = client.createReceiver('tries', { subQueueType: 'deadLetter' })
    const dead = await receiveOne(deadLetters)
    expect(dead).toMatchObject({
      deadLetterReason: 'MaxDeliveryCountExceeded',
      deadLetterSource: 'tries',
      applicationProperties: { attempt: 3, kept: 'yes' },
    })
    await deadLetters.completeMessage(dead)
    expect(await countIn('tries')).toBe(0)
    await Promise.all([receiver.close(), deadLetters.close()])
  })

  it('dead-letters with reason, description and properties', async () => {
    await client.createSender('dead-letter').sendMessages({ body: { a: 1 }, applicationProperties: { kept: 'yes' } })
    const receiver = client.createReceiver('dead-letter')
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'Invalid',
      deadLetterErrorDescription: 'no such field',
      extra: 'more',
    })
    const deadLetters = client.createReceiver('dead-letter', { subQueueType: 'deadLetter' })
    const dead = await receiveOne(deadLetters)
    expect(dead).toMatchObject({
      body: { a: 1 },
      deadLetterReason: 'Invalid',
      deadLetterErrorDescription: 'no such field',
      applicationProperties: { kept: 'yes', extra: 'more' },
    })
    await deadLetters.completeMessage(dead)
    await Promise.all([receiver.close(), deadLetters.close()])
  })

  it('treats the dead-letter queue as a queue: lock, abandon, receive again, but never dead-letters from it', async () => {
    await client.createSender('dead').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('dead')
    await receiver.deadLetterMessage(await receiveOne(receiver))
    const deadLetters = client.createReceiver('dead', { subQueueType: 'deadLetter' })
    for (let attempt = 0; attempt < 12; attempt++) await deadLetters.abandonMessage(await receiveOne(deadLetters))
    const message = await receiveOne(deadLetters)
    expect(message.deliveryCount).toBe(12)
    await deadLetters.completeMessage(message)
    await Promise.all([receiver.close(), deadLetters.close()])
  })

  it('defers, and gives deferred messages by sequence number only', async () => {
    await client.createSender('defer').sendMessages({ body: 'later' })
    const receiver = client.createReceiver('defer')
    const message = await receiveOne(receiver)
    await receiver.deferMessage(message, { why: 'not yet' })
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 })).toEqual([])
    const number = message.sequenceNumber as NonNullable<typeof message.sequenceNumber>
    const [deferred] = await receiver.receiveDeferredMessages(number)
    expect(deferred).toMatchObject({ body: 'later', applicationProperties: { why: 'not yet' } })
    expect(await codeOf(receiver.receiveDeferredMessages(number))).toBe('MessageNotFound')
    await receiver.completeMessage(deferred as NonNullable<typeof deferred>)
    expect(await countIn('defer')).toBe(0)
    await receiver.close()
  })
})

describe('a settlement that would make its message too large', () => {
  // A change has to fit into one frame of 64 KiB.
  const nearlyFull = { body: 'x'.repeat(1_030_000), applicationProperties: { kept: 'yes' } }
  const much = 'x'.repeat(50_000)

  it('is refused, and the message stays as it was, locked', async () => {
    await client.createSender('full').sendMessages(nearlyFull)
    const receiver = client.createReceiver('full')
    const message = await receiveOne(receiver)
    expect(await codeOf(receiver.abandonMessage(message, { much }))).toBe('MessageSizeExceeded')
    const [unchanged] = await peekAll('full')
    expect(unchanged).toMatchObject({ deliveryCount: 0, applicationProperties: { kept: 'yes' } })
    expect(unchanged?.applicationProperties).not.toHaveProperty('much')
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 })).toEqual([])
    await receiver.close()
  })

  it('is none for a reason and a description: a full message has room for them', async () => {
    await client.createSender('full-dead').sendMessages({ ...nearlyFull, body: 'x'.repeat(1_048_000) })
    const receiver = client.createReceiver('full-dead')
    await receiver.deadLetterMessage(await receiveOne(receiver), {
      deadLetterReason: 'r'.repeat(4096),
      deadLetterErrorDescription: '语'.repeat(4096),
    })
    const deadLetters = client.createReceiver('full-dead', { subQueueType: 'deadLetter' })
    const dead = await receiveOne(deadLetters)
    expect(dead.deadLetterErrorDescription).toBe('语'.repeat(4096))
    await Promise.all([receiver.close(), deadLetters.close()])
  })

  it('is refused of a deferred message too, which can still be settled otherwise', async () => {
    await client.createSender('grow').sendMessages({ body: 'x' })
    const receiver = client.createReceiver('grow')
    const message = await receiveOne(receiver)
    await receiver.deferMessage(message)
    const number = message.sequenceNumber as NonNullable<typeof message.sequenceNumber>
    const [deferred] = (await receiver.receiveDeferredMessages(number)) as [ServiceBusReceivedMessage]
    const abandoned = receiver.abandonMessage(deferred, { much: 'x'.repeat(2_000_000) })
    expect(await codeOf(abandoned)).toBe('MessageSizeExceeded')
    await receiver.completeMessage(deferred)
    expect(await countIn('grow')).toBe(0)
    await receiver.close()
  })
})

describe('peeking', () => {
  it('shows messages in order, from where it stopped and from a number on, without locking them', async () => {
    await sendNumbered('peek', 5)
    const receiver = client.createReceiver('peek')
    const first = await receiver.peekMessages(2)
    const rest = await receiver.peekMessages(10)
    expect([...first, ...rest].map((message) => message.body.number)).toEqual([0, 1, 2, 3, 4])
    const [again] = await receiver.peekMessages(1, { fromSequenceNumber: first[1]?.sequenceNumber as never })
    expect(again?.body.number).toBe(1)
    expect(await receiveMany(receiver, 5)).toHaveLength(5)
    await receiver.close()
  })
})

async function sendNumbered(queue: string, count: number): Promise<void> {
  const sender = client.createSender(queue)
  let batch = await sender.createMessageBatch()
  for (let number = 0; number < count; number++) {
    const message = { body: { number }, messageId: `${queue}-${number}`, applicationProperties: { number } }
    if (batch.tryAddMessage(message)) continue
    await sender.sendMessages(batch)
    batch = await sender.createMessageBatch()
    batch.tryAddMessage(message)
  }
  await sender.sendMessages(batch)
  await sender.close()
}

/** Messages in a queue and in its dead-letter queue, in any state. */
async function countIn(queue: string): Promise<number | undefined> {
  return (await administrationClient(broker.connectionString).getQueueRuntimeProperties(queue)).totalMessageCount
}

/** Peeks from the start: a client remembers where it stopped, so each call has its own. */
async function peekAll(queue: string): Promise<ServiceBusReceivedMessage[]> {
  const peeker = new ServiceBusClient(broker.connectionString)
  try {
    return await peeker.createReceiver(queue).peekMessages(250)
  } finally {
    await peeker.close()
  }
}
