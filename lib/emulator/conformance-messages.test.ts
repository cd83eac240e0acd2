import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'

let broker: TestBroker
let client: ServiceBusClient

beforeAll(async () => {
  broker = await testBroker({
    queues: {
      main: {},
      'three-tries': { maxDeliveryCount: 3 },
      'short-lock': { lockDurationMs: 1000, maxDeliveryCount: 3 },
    },
  })
  client = new ServiceBusClient(broker.connectionString)
})

afterAll(async () => {
  await client?.close()
  await broker?.close()
})

async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 5000 })
  if (!message) throw new Error('no message came')
  return message
}

describe('the official client', () => {
  it('sends 1000 messages in batches and receives all of them once, 16 at a time', async () => {
    const sender = client.createSender('main')
    let batch = await sender.createMessageBatch()
    for (let number = 0; number < 1000; number++) {
      const message = { body: { number }, messageId: `m${number}`, applicationProperties: { number } }
      if (batch.tryAddMessage(message)) continue
      await sender.sendMessages(batch)
      batch = await sender.createMessageBatch()
      batch.tryAddMessage(message)
    }
    await sender.sendMessages(batch)
    const receiver = client.createReceiver('main')
    const seen: number[] = []
    await new Promise<void>((resolve, reject) => {
      receiver.subscribe(
        {
          async processMessage(message) {
            expect(message.body.number).toBe(message.applicationProperties?.number)
            seen.push(message.body.number)
            if (seen.length === 1000) resolve()
          },
          async processError({ error }) {
            reject(error)
          },
        },
        { maxConcurrentCalls: 16 },
      )
    })
    await receiver.close()
    expect(new Set(seen).size).toBe(1000)
  })

  it('abandons with property changes and finds the message in the dead-letter queue after the last try', async () => {
    await client.createSender('three-tries').sendMessages({ body: 'x', messageId: 'a1' })
    const receiver = client.createReceiver('three-tries')
    const counts: (number | undefined)[] = []
    for (let attempt = 1; attempt <= 3; attempt++) {
      const message = await receiveOne(receiver)
      counts.push(message.deliveryCount)
      await receiver.abandonMessage(message, { attempt })
    }
    expect(counts).toEqual([0, 1, 2])
    const deadLetters = client.createReceiver('three-tries', { subQueueType: 'deadLetter' })
    const dead = await receiveOne(deadLetters)
    expect(dead.deadLetterReason).toBe('MaxDeliveryCountExceeded')
    expect(dead.deadLetterSource).toBe('three-tries')
    expect(dead.applicationProperties?.attempt).toBe(3)
    await deadLetters.completeMessage(dead)
    await receiver.close()
    await deadLetters.close()
  })
})
