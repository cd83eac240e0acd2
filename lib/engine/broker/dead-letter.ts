import { faultError } from './explain-fault'
import { readFault } from './fault'
import type { PeekedMessage, QueueFacts } from './port'
import { placeOf, type QueueAddress } from './probe'
import { connectServiceBus } from './service-bus'

const PEEK_LIMIT_MS = 8_000
const PEEK_DEFAULT = 50

/**
 * The queue's dead-lettered messages from `fromSequenceNumber` on, oldest first, without taking them. Throws an
 * AppError with `fields` as `testConnection` does.
 */
export async function peekDeadLetters(
  input: QueueAddress & { fromSequenceNumber?: bigint; maxCount?: number },
): Promise<PeekedMessage[]> {
  return await peekQueue({ ...input, subQueue: 'dead-letter' })
}

/** The messages waiting on the queue itself, in the same way. */
export async function peekQueue(
  input: QueueAddress & { fromSequenceNumber?: bigint; maxCount?: number; subQueue?: 'dead-letter' },
): Promise<PeekedMessage[]> {
  const place = placeOf(input)
  const broker = connectServiceBus(input.connectionString, { patience: 'test' })
  try {
    return await broker.peek(input.queueName, {
      maxCount: input.maxCount ?? PEEK_DEFAULT,
      signal: AbortSignal.timeout(PEEK_LIMIT_MS),
      ...(input.fromSequenceNumber === undefined ? {} : { fromSequenceNumber: input.fromSequenceNumber }),
      ...(input.subQueue ? { subQueue: input.subQueue } : {}),
    })
  } catch (error) {
    throw faultError(readFault(error), place)
  } finally {
    await broker.close()
  }
}

/** Backlog, dead letters and limits of the queue; null without the Manage right. Never throws for the broker. */
export async function readQueueFacts(address: QueueAddress): Promise<QueueFacts | null> {
  const broker = connectServiceBus(address.connectionString, { patience: 'test' })
  try {
    return await broker.queueFacts(address.queueName)
  } finally {
    await broker.close()
  }
}
