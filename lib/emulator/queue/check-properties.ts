import type { QueueProperties } from './properties'

const MAX_LOCK_MS = 5 * 60_000
const MAX_DELIVERY_COUNT = 2000

/** A sentence about the first setting that a queue can not have; undefined when all are good. */
export function checkProperties(properties: Partial<QueueProperties>): string | undefined {
  const { lockDurationMs, maxDeliveryCount, maxSizeInMegabytes } = properties
  if (lockDurationMs !== undefined && !(lockDurationMs > 0 && lockDurationMs <= MAX_LOCK_MS)) {
    return 'LockDuration must be more than 0 and at most 5 minutes (PT5M).'
  }
  if (maxDeliveryCount !== undefined && !isWithin(maxDeliveryCount, 1, MAX_DELIVERY_COUNT)) {
    return `MaxDeliveryCount must be a whole number from 1 to ${MAX_DELIVERY_COUNT}.`
  }
  if (maxSizeInMegabytes !== undefined && !isWithin(maxSizeInMegabytes, 1, Number.MAX_SAFE_INTEGER)) {
    return 'MaxSizeInMegabytes must be a whole number of at least 1.'
  }
  for (const [name, value] of [
    ['DefaultMessageTimeToLive', properties.defaultTimeToLiveMs],
    ['DuplicateDetectionHistoryTimeWindow', properties.duplicateDetectionWindowMs],
  ] as const) {
    if (value !== undefined && !(value > 0)) return `${name} must be a duration of more than 0.`
  }
  return undefined
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isSafeInteger(value) && value >= low && value <= high
}
