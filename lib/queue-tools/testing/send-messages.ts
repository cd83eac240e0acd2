import { connectServiceBus } from '@/lib/engine/broker/service-bus'
import type { MadeFlow } from './tool-fixture'

type Message = { body: string; messageId?: string; sessionId?: string }

/** Puts messages onto a flow's queue, in their order, as a publisher would. */
export async function sendMessages({ address }: Pick<MadeFlow, 'address'>, messages: Message[]): Promise<void> {
  const broker = connectServiceBus(address.connectionString)
  try {
    for (const { body, ...message } of messages) {
      await broker.send(address.queueName, { body: Buffer.from(body), contentType: 'application/json', ...message })
    }
  } finally {
    await broker.close()
  }
}
