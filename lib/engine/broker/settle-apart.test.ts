import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { waitUntil } from '../testing/wait-until'
import { peekDeadLetters, peekQueue } from './dead-letter'
import type { Delivery } from './port'
import { connectServiceBus } from './service-bus'

let broker: TestBroker
let queues = 0

beforeAll(async () => {
  broker = await testBroker()
})
afterAll(() => broker.close())

const WAYS: Record<string, (delivery: Delivery) => Promise<void>> = {
  complete: (delivery) => delivery.complete(),
  abandon: (delivery) => delivery.abandon(),
  release: (delivery) => delivery.release(),
  deadLetter: (delivery) => delivery.deadLetter(`reason ${delivery.message.messageId}`, 'a test'),
}

/** Settles messages that were received one after the other in one turn, and says where each is then. */
async function settleTogether(ways: string[]) {
  queues += 1
  const queueName = `queue-${queues}`
  await broker.createQueue(queueName, { maxDeliveryCount: 5 })
  const address = { connectionString: broker.connectionString, queueName }
  const client = connectServiceBus(broker.connectionString)
  for (const number of ways.keys()) await client.send(queueName, { messageId: String(number), body: Buffer.from('x') })
  const deliveries: Delivery[] = []
  const receiver = client.receive(queueName, ways.length, {
    onDelivery: async (delivery) => {
      // What comes again stays in hand: only the first hand-over is settled.
      if (delivery.attempt === 1 && deliveries.length < ways.length) deliveries.push(delivery)
      await new Promise<void>(() => {})
    },
    onConnected: () => {},
    onFault: () => {},
  })
  await waitUntil('all are received', () => deliveries.length === ways.length)
  await receiver.stopIntake()
  await Promise.all(deliveries.map((delivery, number) => WAYS[ways[number] as string]?.(delivery)))
  const queued = await peekQueue(address)
  const dead = await peekDeadLetters(address)
  await receiver.close()
  await client.close()
  return ways.map((_, number) => {
    const id = String(number)
    const waiting = queued.find(({ messageId }) => messageId === id)
    const letter = dead.find(({ messageId }) => messageId === id)
    if (letter) return `dead: ${letter.deadLetterReason}`
    return waiting ? `queued ${waiting.deliveryCount}` : 'gone'
  })
}

describe('messages that are settled in one turn', () => {
  it.each([
    [
      ['complete', 'abandon'],
      ['gone', 'queued 1'],
    ],
    [
      ['complete', 'release', 'complete'],
      ['gone', 'queued 0', 'gone'],
    ],
    [
      ['abandon', 'complete'],
      ['queued 1', 'gone'],
    ],
    [
      ['complete', 'deadLetter', 'deadLetter', 'complete'],
      ['gone', 'dead: reason 1', 'dead: reason 2', 'gone'],
    ],
    [
      ['complete', 'complete', 'abandon', 'complete'],
      ['gone', 'gone', 'queued 1', 'gone'],
    ],
  ])('%j come to be %j', async (ways, places) => {
    expect(await settleTogether(ways)).toEqual(places)
  })
})
