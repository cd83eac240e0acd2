import { randomUUID } from 'node:crypto'

/** Where the random part of a UUID begins, after the digit of its version. */
const AFTER_VERSION = 15

/** A UUID of version 7: lists of executions sort and page by id, so ids are made in the order of time. */
export function newExecutionId(now = Date.now()): string {
  const time = now.toString(16).padStart(12, '0')
  // Node keeps random UUIDs in stock; random bytes it fetches one by one.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(AFTER_VERSION)}`
}
