import type { Readable } from 'node:stream'

/** What was stored: size in bytes and SHA-256 in hex. */
export type StoredObject = { sizeBytes: number; checksum: string }

/** An object as a listing shows it. */
export type ListedObject = { key: string; storedAt: Date }

/**
 * Where the bytes of data files live. Keys are made by the program (`newStorageKey`), never by users, and match
 * `KEY_PATTERN`. Adapters: file system (`file-system.ts`).
 *
 * A full or unreachable store is an `AppError` of code `unavailable` with a text for people.
 */
export interface Storage {
  /** The key is nobody else's before this resolves: then the whole object is there. What fails leaves nothing. Never overwrites. */
  put(key: string, body: Readable | Uint8Array): Promise<StoredObject>
  /** Opens an object for reading, or part of it (`end` is inclusive). Throws `not_found` when there is none. */
  get(key: string, range?: { start: number; end: number }): Promise<Readable>
  /** Removes an object; quiet when there is none. */
  delete(key: string): Promise<void>
  /** Every object, in no order; one that is written or deleted meanwhile may or may not be there. */
  list(): AsyncIterable<ListedObject>
  /** Removes what writes that a crash cut short before `olderThan` have left behind; returns how many. */
  removePartials(olderThan: Date): Promise<number>
  /** Throws when objects can not be written now; for health checks. */
  check(): Promise<void>
}

/** Two levels of folders, so that no folder grows without bound: `ab/abcdef…`. */
export const KEY_PATTERN = /^[0-9a-f]{2}\/[0-9a-f-]{8,64}$/
