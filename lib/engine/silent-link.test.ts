import { describe, expect, it, vi } from 'vitest'
import { readQueueFacts } from './broker/dead-letter'
import type { Receiver } from './broker/port'
import { connectServiceBus } from './broker/service-bus'
import { testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const engines = testEngines({ faults: true })
const { connect, start, fault } = engines

vi.setConfig({ testTimeout: 300_000 })

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
  const winners = await engines.db.execution.findMany({
    where: { flowId, winningSequenceNumber: { not: null } },
    select: { inputPreview: true },
  })
  return winners.map(({ inputPreview }) => Number(inputPreview)).sort((one, other) => one - other)
}

const countWon = (flowId: string) =>
  engines.db.execution.count({ where: { flowId, winningSequenceNumber: { not: null } } })

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number)

describe('a link that goes silent', () => {
  it('is built anew when messages wait and none comes, and says so', async () => {
    const flow = await connect()
    let links = 0
    let told: string | undefined
    const made = await start((input) => input, {
      watchdog: { firstMs: 300, longestMs: 2_000 },
      connectBroker: (...args) => {
        const real = connectServiceBus(...args)
        links += 1
        // Soon the new link stands, and nobody is told of the old one any more.
        if (links === 2) told = made.statusOf(flow.flowId)?.reason
        // The first link stands, and nothing ever comes over it.
        const deaf: typeof real.receive = (_queueName, _slots, listener): Receiver => {
          queueMicrotask(() => listener.onConnected())
          return { stopIntake: async () => {}, close: async () => {} }
        }
        return links === 1 ? { ...real, receive: deaf } : real
      },
    })
    await flow.send('0')
    await waitUntil('it has won', async () => (await wonNumbers(flow.flowId)).length === 1)
    expect(links).toBe(2)
    expect(told).toBe('There are messages on the queue, but none came for 0 s. The link is built anew.')
  })

  it('is left alone while nothing waits, and while what waits is in its own hands', async () => {
    const flow = await connect()
    let links = 0
    let looks = 0
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const made = await start(() => released, {
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
    const flow = await connect({ queue: { lockDurationMs: 5_000 } })
    await sendNumbers(flow.address, 150)
    const made = await start((input) => Number(input), { watchdog: { firstMs: 500, longestMs: 2_000 } })
    await waitUntil('a part has run', () => made.inputs.length > 30)
    await fault('POST', '/freeze')
    const status = await made.untilState(flow.flowId, 'reconnecting')
    expect(status.reason).toMatch(/does not answer|none came/)
    await fault('POST', '/thaw')
    await waitUntil('the queue is empty', async () => (await readQueueFacts(flow.address))?.activeCount === 0, 90_000)
    await made.untilState(flow.flowId, 'receiving')
    expect(await wonNumbers(flow.flowId)).toEqual(upTo(150))
  })
})

describe('a message that stays in work for long', () => {
  it('stalls nobody: the link is replaced before 2,047 deliveries stand behind it', async () => {
    const count = 2_200
    const flow = await connect()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const made = await start(async (input) => {
      if (input === '0') await released
      return input
    })
    await flow.send('0')
    await waitUntil('it runs', () => made.inputs.length === 1)
    await sendNumbers(flow.address, count)
    // The stuck one is the last that is left: one of the numbers 0 of the second batch runs into it too.
    await waitUntil('all others have won', async () => (await countWon(flow.flowId)) === count - 1, 240_000)
    await waitUntil('all others are settled', () => made.statusOf(flow.flowId)?.inFlight.length === 2)
    release()
    await waitUntil('all have won', async () => (await countWon(flow.flowId)) === count + 1)
    const executions = await engines.db.execution.findMany({ where: { flowId: flow.flowId } })
    expect(executions.every(({ deliveryCount, status }) => deliveryCount === 1 && status === 'succeeded')).toBe(true)
  })
})
