import type { AccessKey } from './access-keys'
import type { MessageQueue } from './queue/queue'

/** A queue with its dead-letter queue, its keys and its dates. */
export type Entity = {
  name: string
  queue: MessageQueue
  deadLetters: MessageQueue
  keys: AccessKey[]
  createdAtMs: number
  updatedAtMs: number
  accessedAtMs: number
}

const DEAD_LETTER_SUFFIX = '/$deadletterqueue'

/** Splits an address into the entity's name and whether its dead-letter queue is meant. Lower case. */
export function parseEntityPath(address: string): { name: string; isDeadLetter: boolean } {
  const path = address.toLowerCase()
  const isDeadLetter = path.endsWith(DEAD_LETTER_SUFFIX)
  return { name: isDeadLetter ? path.slice(0, -DEAD_LETTER_SUFFIX.length) : path, isDeadLetter }
}

/** What the service allows: letters, digits, `. - _ /`, starting and ending with a letter or digit; 260 characters. */
export function isValidQueueName(name: string): boolean {
  return name.length <= 260 && /^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/.test(name) && !name.includes('//')
}
