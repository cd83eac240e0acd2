import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceBusAdministrationClient } from '@azure/service-bus'

const POLL_MS = 40
const LONGEST_MS = 90_000

/**
 * How long a queue of `count` messages took to become empty, in seconds, by the broker's own count: the same yardstick
 * for whoever empties it. The time begins with the last look that found all of them.
 */
export async function secondsToEmpty(
  administration: ServiceBusAdministrationClient,
  queueName: string,
  count: number,
): Promise<number> {
  let begunAt = performance.now()
  for (const end = begunAt + LONGEST_MS; ; await sleep(POLL_MS)) {
    const lookedAt = performance.now()
    const { totalMessageCount } = await administration.getQueueRuntimeProperties(queueName)
    if (totalMessageCount === 0) return (lookedAt - begunAt) / 1000
    if (totalMessageCount === count) begunAt = lookedAt
    if (lookedAt > end) throw new Error(`${totalMessageCount} of ${count} messages are still on ${queueName}`)
  }
}
