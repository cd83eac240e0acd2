import { faultError } from '@/lib/engine/broker/explain-fault'
import { BrokerError } from '@/lib/engine/broker/fault'
import { placeOf } from '@/lib/engine/broker/probe'
import type { QueueAddress, QueueTools } from './broker/port'
import { openQueueTools } from './broker/service-bus'

/** Opens a queue for `work` and closes it again. What the broker refuses becomes an AppError with a text for people. */
export async function withQueue<T>(address: QueueAddress, work: (tools: QueueTools) => Promise<T>): Promise<T> {
  const place = placeOf(address)
  const tools = openQueueTools(address)
  try {
    return await work(tools)
  } catch (error) {
    throw error instanceof BrokerError ? faultError(error.fault, place) : error
  } finally {
    await tools.close()
  }
}
