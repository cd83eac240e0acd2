import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { readQueueFacts } from './broker/dead-letter'
import type { Receiver } from './broker/port'
import { connectServiceBus } from './broker/service-bus'
import type { Engine } from './engine'
import { makeConnectedFlow, makeEngine } from './testing/engine-fixture'
import { waitUntil } from './testing/wait-until'

vi.setConfig({ testTimeout: 300_000 })

let database: TestDatabase
let broker: TestBroker
let engine: Engine | undefined

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker({ faults: true })
})
afterEach(async () => {
  await fault('/thaw')
  await engine?.stop(0)
  await database.db.eventFlow.deleteMany()
})
afterAll(async () => {
  await broker.close()
  await database.close()
})

const fault = (path: string) => fetch(`http://127.0.0.1:${broker.port}/$faults${path}`, { method: 'POST' })

async function sendNumbers(
  { connectionString, queueName }: { connectionString: string; queueName: string },
  to: number,
) {
  const sender = connectServiceBus(connectionString)
  const numbers = Array.from({ length: to }, (_, number) => ({ body: Buffer.from(String(number)) }))
  await Promise.all(numbers.map((message) => sender.send(queueName, message)))
  await sender.close()
}

async function wonNumbers(flowId: string): Promise<number[]> {
  const winners = await database.db.execution.findMany({
    where: { flowId, winningSequenceNumber: { not: null } },
    select: { inputPreview: true },
  })
  return winners.map(({ inputPreview }) => Number(inputPreview)).sort((one, other) => one - other)
}

const countWon = (flowId: string) =>
  database.db.execution.count({ where: { flowId, winningSequenceNumber: { not: null } } })

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number)

describe('a link that goes silent', () => {
  it('is built anew when messages wait and none comes, and says so', async () => {
    const flow = await makeConnectedFlow(database.db, broker)
    let links = 0
    const made = makeEngine((input) => input, {
      watchdog: { firstMs: 300, longestMs: 2_000 },
      connectBroker: (...args) => {
        const real = connectServiceBus(...args)
        links += 1
        // The first link stands, and nothing ever comes over it.
        const deaf: typeof real.receive = (_queueName, _slots, listener): Receiver => {
          queueMicrotask(() => listener.onConnected())
          return { stopIntake: async () => {}, close: async () => {} }
        }
        return links === 1 ? { ...real, receive: deaf } : real
      },
    })
    engine = made.engine
    const told: string[] = []
    await engine.start()
    await flow.send('0')
    await waitUntil('it has won', async () => {
      told.push(made.statusOf(flow.flowId)?.reason ?? '')
      return (await wonNumbers(flow.flowId)).length === 1
    })
    expect(links).toBe(2)
    expect(told).toContain('There are messages on the queue, but none came for 0 s. The link is built anew.')
  })

  it('is left alone while nothing waits, and while what waits is in its own hands', async () => {
    const flow = await makeConnectedFlow(database.db, broker)
    let links = 0
    let looks = 0
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const made = makeEngine(() => released, {
      watchdog: { firstMs: 50, longestMs: 100 },
      connectBroker: (...args) => {
        links += 1
        const real = connectServiceBus(...args)
        const hasWaiting: typeof real.hasWaiting = async (...search) => {
          const answer = await real.hasWaiting(...search)
          looks += 1
          return answer
        }
        return { ...real, hasWaiting }
      },
    })
    engine = made.engine
    await engine.start()
    await waitUntil('it was looked at', () => looks > 2)
    await flow.send('long')
    await waitUntil('it runs', () => made.inputs.length === 1)
    const before = looks
    await waitUntil('it was looked at again', () => looks > before + 3)
    release()
    await waitUntil('it is done', async () => (await wonNumbers(flow.flowId)).length === 1)
    expect(links).toBe(1)
  })

  it('to a frozen broker is built anew, and every message is accounted for', async () => {
    const flow = await makeConnectedFlow(database.db, broker, { queue: { lockDurationMs: 5_000 } })
    const made = makeEngine((input) => Number(input), { watchdog: { firstMs: 500, longestMs: 2_000 } })
    engine = made.engine
    await sendNumbers(flow.address, 150)
    await engine.start()
    await waitUntil('a part has run', () => made.inputs.length > 30)
    await fault('/freeze')
    const status = await made.untilState(flow.flowId, 'reconnecting')
    expect(status.reason).toMatch(/does not answer|none came/)
    await fault('/thaw')
    await waitUntil('the queue is empty', async () => (await readQueueFacts(flow.address))?.activeCount === 0, 90_000)
    await made.untilState(flow.flowId, 'receiving')
    expect(await wonNumbers(flow.flowId)).toEqual(upTo(150))
  })
})

describe('a message that stays in work for long', () => {
  it('stalls nobody: the link is replaced before 2,047 deliveries stand behind it', async () => {
    const count = 2_200
    const flow = await makeConnectedFlow(database.db, broker)
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const made = makeEngine(async (input) => {
      if (input === '0') await released
      return input
    })
    engine = made.engine
    await engine.start()
    await flow.send('0')
    await waitUntil('it runs', () => made.inputs.length === 1)
    await sendNumbers(flow.address, count)
    // The stuck one is the last that is left: one of the numbers 0 of the second batch runs into it too.
    await waitUntil('all others have won', async () => (await countWon(flow.flowId)) === count - 1, 240_000)
    expect(made.statusOf(flow.flowId)?.inFlight.length).toBe(2)
    release()
    await waitUntil('all have won', async () => (await countWon(flow.flowId)) === count + 1)
    const executions = await database.db.execution.findMany({ where: { flowId: flow.flowId } })
    expect(executions.every(({ deliveryCount, status }) => deliveryCount === 1 && status === 'succeeded')).toBe(true)
  })
})
