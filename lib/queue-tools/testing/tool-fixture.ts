import { randomUUID } from 'node:crypto'
import { encrypt } from '@/lib/crypto'
import type { Db } from '@/lib/db'
import { connectServiceBus } from '@/lib/engine/broker/service-bus'
import { makeAlgorithm } from '@/lib/testing/algorithms'
import type { TestBroker } from '@/lib/testing/broker'
import { makeUserContext } from '@/lib/testing/contexts'
import { openQueueTools } from '../broker/service-bus'

/** A flow on a queue of its own, with its owner; nothing consumes it. */
export async function makeToolFlow(db: Db, broker: TestBroker, queue: Parameters<TestBroker['createQueue']>[1] = {}) {
  const owner = await makeUserContext(db)
  const algorithm = await makeAlgorithm(db, owner.ctx)
  const queueName = `queue-${randomUUID().slice(0, 8)}`
  await broker.createQueue(queueName, queue)
  const address = { connectionString: broker.connectionString, queueName }
  const { id } = await db.eventFlow.create({
    data: {
      ownerId: owner.account.id,
      algorithmId: algorithm.id,
      queueName,
      namespaceHost: `127.0.0.1:${broker.port}`,
      connectionString: encrypt(broker.connectionString),
    },
    select: { id: true },
  })
  return { id, owner, algorithm, address }
}

export type MadeFlow = Awaited<ReturnType<typeof makeToolFlow>>

/** Puts messages onto a queue and from there into its dead-letter queue, as a consumer would. */
export async function makeDeadLetters(
  { address }: Pick<MadeFlow, 'address'>,
  messages: { body: string; messageId?: string; properties?: Record<string, string | number | boolean> }[],
  reason = 'Broken',
): Promise<void> {
  const broker = connectServiceBus(address.connectionString)
  try {
    for (const { body, ...message } of messages) {
      await broker.send(address.queueName, { body: Buffer.from(body), contentType: 'application/json', ...message })
    }
    let left = messages.length
    await new Promise<void>((resolve, reject) => {
      const receiver = broker.receive(address.queueName, 16, {
        onConnected: () => {},
        onFault: (fault) => reject(new Error(fault.detail)),
        onDelivery: async (delivery) => {
          await delivery.deadLetter(reason, 'as the test wants it')
          left -= 1
          if (left === 0) void receiver.close().then(resolve)
        },
      })
    })
  } finally {
    await broker.close()
  }
}

/** The bodies of what lies in a place now, oldest first. */
export async function bodiesIn({ address }: Pick<MadeFlow, 'address'>, place: 'queue' | 'dead_letter') {
  const tools = openQueueTools(address)
  try {
    const messages = await tools.peek(place, 0n, 1_000)
    return messages.map(({ body }) => (body.kind === 'bytes' ? body.bytes.toString() : String(body.value)))
  } finally {
    await tools.close()
  }
}
