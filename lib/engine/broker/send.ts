import { faultError } from './explain-fault'
import { readFault } from './fault'
import type { OutgoingMessage } from './port'
import { placeOf, type QueueAddress } from './probe'
import { connectServiceBus } from './service-bus'

const SEND_LIMIT_MS = 10_000

/**
 * Sends one message and resolves when the broker has accepted it. `body` goes as it is: text as UTF-8, bytes as bytes.
 * Throws an AppError with `fields` as `testConnection` does.
 */
export async function sendMessage(
  input: QueueAddress & Omit<OutgoingMessage, 'body'> & { body: string | Uint8Array },
): Promise<void> {
  const { connectionString, queueName, body, ...message } = input
  const place = placeOf(input)
  const broker = connectServiceBus(connectionString, { patience: 'test' })
  try {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body)
    await broker.send(queueName, { ...message, body: bytes }, AbortSignal.timeout(SEND_LIMIT_MS))
  } catch (error) {
    throw faultError(readFault(error), place)
  } finally {
    await broker.close()
  }
}
