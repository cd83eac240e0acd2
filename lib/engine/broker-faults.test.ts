import { describe, expect, it, vi } from 'vitest'
import { readQueueFacts } from './broker/dead-letter'
import { connectServiceBus } from './broker/service-bus'
import { testEngines } from './testing/test-engines'
import { waitUntil } from './testing/wait-until'

const MESSAGES = 120
const SESSIONS = 6

const { connect, start, fault } = testEngines({ faults: true })

vi.setConfig({ testTimeout: 120_000 })

/** Sends numbered messages, lets `strike` hit while they run, and hands back what became of each. */
async function account(strike: (queueName: string) => Promise<unknown>, { isOrdered = false } = {}) {
  const queue = { lockDurationMs: 5_000, maxDeliveryCount: 10, requiresSession: isOrdered }
  const flow = await connect({ queue, ...(isOrdered ? { flow: { messageOrder: 'session' } } : {}) })
  const sender = connectServiceBus(flow.address.connectionString)
  const numbers = Array.from({ length: MESSAGES }, (_, number) => number)
  const messageOf = (n: number) => ({
    body: Buffer.from(String(n)),
    ...(isOrdered ? { sessionId: String(n % SESSIONS) } : {}),
  })
  for (const n of numbers) await sender.send(flow.address.queueName, messageOf(n))
  await sender.close()
  let isHit = false
  let release = () => {}
  const hit = new Promise<void>((resolve) => (release = resolve))
  let begun = 0
  const made = await start(async (input) => {
    begun += 1
    // The blow strikes while messages are in work.
    if (!isHit && begun > MESSAGES / 4) await hit
    return Number(input)
  })
  await waitUntil('messages are in work', () => made.inputs.length > MESSAGES / 4)
  await strike(flow.address.queueName)
  isHit = true
  release()
  await waitUntil('the queue is empty', async () => (await readQueueFacts(flow.address))?.activeCount === 0, 90_000)
  await waitUntil('nothing is in hand', () => made.statusOf(flow.flowId)?.inFlight.length === 0)
  let dead: number | undefined
  // A busy broker may not answer in time.
  await waitUntil('the queue tells its counts', async () => {
    dead = (await readQueueFacts(flow.address))?.deadLetterCount
    return dead !== undefined
  })
  const executions = await flow.executions()
  const won = executions.filter(({ winningSequenceNumber }) => winningSequenceNumber !== null)
  return {
    executions,
    dead,
    won: won.map(({ inputPreview }) => Number(inputPreview)).sort((one, other) => one - other),
    wonInOrder: won
      .toSorted((one, other) => Number(one.startedAt) - Number(other.startedAt) || (one.id < other.id ? -1 : 1))
      .map(({ inputPreview }) => Number(inputPreview)),
    numbers,
  }
}

describe('every message is accounted for, and none wins twice', () => {
  it('when deliveries come twice', async () => {
    const { won, numbers, dead } = await account((queue) => fault('PUT', '', { queue, duplicateDeliveries: 20 }))
    expect(won).toEqual(numbers)
    expect(dead).toBe(0)
  })

  it('when all locks expire in mid-run: those runs are ended, and win nothing', async () => {
    const { won, numbers, dead, executions } = await account((queue) => fault('POST', `/expire-locks?queue=${queue}`))
    expect(won).toEqual(numbers)
    expect(dead).toBe(0)
    // Whoever ran under a lock that was over is not among the winners.
    const abandoned = executions.filter(({ status }) => status === 'abandoned')
    expect(abandoned.every(({ winningSequenceNumber }) => winningSequenceNumber === null)).toBe(true)
  })

  it('when settlements are lost on their way, and answers on their way back', async () => {
    const { won, numbers, dead } = await account(async (queue) => {
      await fault('PUT', '', { queue, loseDispositions: 5, loseDispositionAnswers: 5 })
    })
    expect(won).toEqual(numbers)
    expect(dead).toBe(0)
  })

  it('when the locks of sessions expire in mid-run, and each session keeps its order', async () => {
    const expire = (queue: string) => fault('POST', `/expire-locks?queue=${queue}`)
    const { won, wonInOrder, numbers, dead } = await account(expire, { isOrdered: true })
    expect(won).toEqual(numbers)
    expect(dead).toBe(0)
    for (let session = 0; session < SESSIONS; session++) {
      const ofSession = (n: number) => n % SESSIONS === session
      expect(wonInOrder.filter(ofSession)).toEqual(numbers.filter(ofSession))
    }
  })

  it('when links are detached and connections cut', async () => {
    const { won, numbers, dead } = await account(async (queue) => {
      await fault('POST', `/detach-links?queue=${queue}`)
      await fault('POST', '/drop-connections')
    })
    expect(won).toEqual(numbers)
    expect(dead).toBe(0)
  })
})
