import { randomUUID } from 'node:crypto'

/** A key that no object has had before: random, spread over 256 folders. */
export function newStorageKey(): string {
  const id = randomUUID()
  return `${id.slice(0, 2)}/${id}`
}
