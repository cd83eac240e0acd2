import { ServiceBusClient } from '@azure/service-bus'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'

/** 50 in the long form: `BROKER_KILL_ROUNDS=50`. */
const ROUNDS = Number(process.env.BROKER_KILL_ROUNDS ?? 3)
const BATCH = 20
const CONCURRENCY = 16
const RETRY = { maxRetries: 0, timeoutInMs: 2000 }

let broker: TestBroker

beforeAll(async () => {
  broker = await testBroker({ queues: { load: { maxDeliveryCount: 1000 } } })
})

afterAll(() => broker?.close())

/** What the clients were told, over all rounds. */
const acknowledged = new Set<string>()
const completed = new Set<string>()
/** Completions whose answer never came: they may have been applied or not. */
const unanswered = new Set<string>()
const cameBack: string[] = []
let nextId = 0

/** Sends and receives at once until enough was acknowledged; then the broker is killed in the middle of it. */
async function loadAndKill(enough: number): Promise<void> {
  const client = new ServiceBusClient(broker.connectionString, { retryOptions: { ...RETRY } })
  const before = acknowledged.size
  const receiving = subscribe(client)
  let killed = false
  const sending = [0, 1].map(async () => {
    const sender = client.createSender('load')
    while (!killed) {
      const ids = Array.from({ length: BATCH }, () => `m${nextId++}`)
      try {
        await sender.sendMessages(ids.map((messageId) => ({ body: messageId, messageId })))
      } catch {
        return
      }
      for (const id of ids) acknowledged.add(id)
    }
  })
  await expect.poll(() => acknowledged.size - before, { timeout: 20_000, interval: 1 }).toBeGreaterThan(enough)
  const restarted = broker.restart('SIGKILL')
  killed = true
  await Promise.all([...sending, restarted])
  await receiving.close()
  await client.close()
}

function subscribe(client: ServiceBusClient) {
  const receiver = client.createReceiver('load')
  receiver.subscribe(
    {
      async processMessage(message) {
        const id = String(message.messageId)
        if (completed.has(id)) cameBack.push(id)
        await receiver.completeMessage(message).then(
          () => completed.add(id),
          () => unanswered.add(id),
        )
      },
      processError: async () => {},
    },
    { maxConcurrentCalls: CONCURRENCY, autoCompleteMessages: false },
  )
  return receiver
}

describe('kill -9 under load', () => {
  it(
    `loses no acknowledged message and brings no completed one back, ${ROUNDS} times`,
    async () => {
      for (let round = 0; round < ROUNDS; round++) await loadAndKill(50 + Math.floor(Math.random() * 400))
      const client = new ServiceBusClient(broker.connectionString)
      const receiver = subscribe(client)
      const missing = () => [...acknowledged].filter((id) => !completed.has(id) && !unanswered.has(id))
      await expect.poll(() => missing().length, { timeout: 20_000 }).toBe(0)
      await receiver.close()
      await client.close()
      expect(cameBack).toEqual([])
      // At most what one subscriber has under way at each kill: the rest is really accounted for.
      expect(unanswered.size).toBeLessThanOrEqual(ROUNDS * CONCURRENCY)
      expect(acknowledged.size).toBeGreaterThan(ROUNDS * 50)
    },
    120_000 + ROUNDS * 10_000,
  )
})
