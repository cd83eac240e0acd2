import { randomUUID } from 'node:crypto'

/** Where the random part of a UUID begins, after its version and the twelve bits that count here. */
const AFTER_COUNT = 18
const MOST_A_MS = 0xfff

let lastMs = 0
let count = 0
let text = ''
let textMs = -1

/** A UUID of version 7: lists of executions sort and page by id, so this process makes them in the order of time. */
export function newExecutionId(): string {
  const now = Date.now()
  if (now > lastMs) {
    lastMs = now
    count = 0
  } else if (count < MOST_A_MS) count += 1
  else {
    lastMs += 1
    count = 0
  }
  const order = count.toString(16).padStart(3, '0')
  // Node keeps random UUIDs in stock; random bytes it fetches one by one.
  return `${timeText(lastMs)}-7${order}${randomUUID().slice(AFTER_COUNT)}`
}

/** Several are made in one millisecond. */
function timeText(ms: number): string {
  if (ms !== textMs) {
    const time = ms.toString(16).padStart(12, '0')
    text = `${time.slice(0, 8)}-${time.slice(8)}`
    textMs = ms
  }
  return text
}
