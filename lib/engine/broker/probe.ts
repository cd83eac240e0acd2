import type { MessageOrder } from '@/lib/generated/prisma/enums'
import { namespaceHostOf, parseConnectionString } from './connection-string'
import { type FaultPlace, faultError } from './explain-fault'
import { readFault } from './fault'
import { connectServiceBus } from './service-bus'

const ANSWER_LIMIT_MS = 8_000

export type QueueAddress = { connectionString: string; queueName: string }

/** What is tested: an address, and whether messages are wanted session by session. */
export type TestedAddress = QueueAddress & { messageOrder?: MessageOrder }

/**
 * Proves that we can receive from the queue without taking anything: a peek needs the address, the key, the Listen
 * right and the queue; an opened and closed link, whether it has sessions. Takes 8 s at most. Throws an AppError whose
 * `fields` say at `connectionString`, `queueName` or `messageOrder` what to change.
 */
export async function testConnection(address: TestedAddress): Promise<void> {
  const place = placeOf(address)
  if (place.entityPath !== undefined && place.entityPath !== address.queueName) {
    throw faultError({ kind: 'other_queue', detail: '' }, place)
  }
  const broker = connectServiceBus(address.connectionString, { patience: 'test' })
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS)
  try {
    await broker.peek(address.queueName, { maxCount: 1, signal })
    await broker.checkReceivable(address.queueName, signal, address.messageOrder)
  } catch (error) {
    throw faultError(readFault(error), place)
  } finally {
    await broker.close()
  }
}

/** What texts about an address may name. Throws `invalid_input` for a malformed connection string. */
export function placeOf({ connectionString, queueName }: QueueAddress): FaultPlace {
  const facts = parseConnectionString(connectionString)
  return { ...facts, queueName, host: namespaceHostOf(facts) }
}
