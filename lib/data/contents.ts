import { Readable } from 'node:stream'
import { AppError } from '@/lib/errors'
import { storage } from '@/lib/storage/current'

/**
 * The most that a file's row holds of its bytes. A file in storage costs several times the row (its creation, two syncs),
 * which matters for results, one a message, and those are small. What is larger would make the table, its log and its
 * backups grow, and costs little more in storage.
 */
export const MAX_INLINE_BYTES = 4 * 1024

/** Where the bytes of one version of a file are: in storage, or in the file's row. */
export type Contents = { storageKey: string; content: null } | { storageKey: null; content: Uint8Array }

/** Which part of a file to read; `end` is inclusive. */
export type ByteRange = { start: number; end: number }

/** Opens them for reading; null when storage has no such object any more. */
export async function openContents(
  { storageKey, content }: { storageKey: string | null; content: Uint8Array | null },
  range?: ByteRange,
): Promise<Readable | null> {
  if (storageKey !== null) return openObject(storageKey, range)
  const bytes = Buffer.from(content ?? []).subarray(range?.start ?? 0, range && range.end + 1)
  return Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false })
}

/** The objects in storage that hold versions of files: of those in rows there is none. */
export function storageKeysOf(versions: { storageKey: string | null }[]): string[] {
  return versions.flatMap(({ storageKey }) => (storageKey === null ? [] : [storageKey]))
}

async function openObject(key: string, range?: ByteRange): Promise<Readable | null> {
  try {
    return await storage().get(key, range)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  }
}
