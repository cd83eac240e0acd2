import type { Db } from '@/lib/db'
import { peekDeadLetters, peekQueue, readQueueFacts } from '../broker/dead-letter'
import { connectServiceBus } from '../broker/service-bus'
import type { ConnectedFlow } from './engine-fixture'
import { waitUntil } from './wait-until'

const SETTLE_LIMIT_MS = 120_000

/** Sends so many messages; every twentieth makes the process of engine-process.ts fail. Resolves to their bodies. */
export async function sendLoad({ address }: ConnectedFlow, count: number): Promise<string[]> {
  const broker = connectServiceBus(address.connectionString)
  const bodies = Array.from({ length: count }, (_, number) => `${number}${number % 20 === 0 ? ' poison' : ''}`)
  await Promise.all(
    bodies.map((body) => broker.send(address.queueName, { body: Buffer.from(body), messageId: `message ${body}` })),
  )
  await broker.close()
  return bodies
}

/** Waits until the queue is empty, and says where each message is: won, dead-lettered or, unexpectedly, still queued. */
export async function accountFor(db: Db, flow: ConnectedFlow, sent: string[]) {
  await waitUntil(
    'the queue is empty',
    async () => (await readQueueFacts(flow.address))?.activeCount === 0,
    SETTLE_LIMIT_MS,
  )
  const winners = await db.execution.findMany({
    where: { flowId: flow.flowId, winningSequenceNumber: { not: null } },
    select: { inputPreview: true },
  })
  const textsOf = (messages: Awaited<ReturnType<typeof peekQueue>>) =>
    messages.map(({ body }) => (body.kind === 'bytes' ? body.bytes.toString() : ''))
  const won = winners.map(({ inputPreview }) => inputPreview)
  const dead = textsOf(await peekDeadLetters({ ...flow.address, maxCount: sent.length }))
  const queued = textsOf(await peekQueue({ ...flow.address, maxCount: sent.length }))
  return { won, dead, queued, everywhere: [...won, ...dead, ...queued].sort() }
}
