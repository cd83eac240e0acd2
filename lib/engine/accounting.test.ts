import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestBroker, testBroker } from '@/lib/testing/broker'
import { type TestDatabase, testDatabase } from '@/lib/testing/database'
import { peekDeadLetters, readQueueFacts } from './broker/dead-letter'
import { connectServiceBus } from './broker/service-bus'
import type { Engine } from './engine'
import { makeConnectedFlow, makeEngine } from './testing/engine-fixture'
import { ScriptError } from './testing/scripted-runtime'
import { waitUntil } from './testing/wait-until'

const MESSAGES = 200
const MAX_DELIVERIES = 4
/** Out of ten messages one always fails, and two fail at first. */
const POISON = 0
const FLAKY = [1, 2]

let database: TestDatabase
let broker: TestBroker
let engine: Engine | undefined

beforeAll(async () => {
  database = await testDatabase()
  broker = await testBroker()
})
afterAll(async () => {
  await engine?.stop(0)
  await broker.close()
  await database.close()
})

it('accounts for every message while the broker is killed under load', async () => {
  const queue = { lockDurationMs: 5_000, maxDeliveryCount: MAX_DELIVERIES }
  const flow = await makeConnectedFlow(database.db, broker, { queue })
  await sendNumbers(flow.address)
  const failedOnce = new Set<string>()
  const made = makeEngine((input) => {
    const kind = Number(input) % 10
    const isFirst = !failedOnce.has(input)
    failedOnce.add(input)
    if (kind === POISON || (FLAKY.includes(kind) && isFirst)) throw new ScriptError({})
    return input
  })
  engine = made.engine
  await engine.start()
  for (const share of [0.2, 0.5]) {
    await waitUntil('a part has run', () => made.inputs.length > MESSAGES * share)
    await broker.restart('SIGKILL')
  }
  await waitUntil('the queue is empty', async () => (await readQueueFacts(flow.address))?.activeCount === 0, 120_000)
  await waitUntil('nothing is in hand', () => made.statusOf(flow.flowId)?.inFlight.length === 0)

  const winners = await database.db.execution.findMany({
    where: { flowId: flow.flowId, winningSequenceNumber: { not: null } },
    select: { inputPreview: true, status: true },
  })
  const dead = await peekDeadLetters({ ...flow.address, maxCount: MESSAGES })
  const deadNumbers = dead.map(({ body }) => Number(body.kind === 'bytes' && body.bytes.toString()))
  const wonNumbers = winners.map(({ inputPreview }) => Number(inputPreview))
  // Every number once, here or there: nothing lost, nothing won twice, nothing both won and dead.
  expect([...wonNumbers, ...deadNumbers].sort((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, i) => i))
  expect(deadNumbers.filter((number) => number % 10 !== POISON)).toEqual([])
}, 240_000)

async function sendNumbers({ connectionString, queueName }: { connectionString: string; queueName: string }) {
  const sender = connectServiceBus(connectionString)
  const numbers = Array.from({ length: MESSAGES }, (_, number) => String(number))
  await Promise.all(
    numbers.map((number) => sender.send(queueName, { body: Buffer.from(number), messageId: `number ${number}` })),
  )
  await sender.close()
}
