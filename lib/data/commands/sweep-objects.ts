import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import { storage } from '@/lib/storage/current'
import { deleteObject } from '../objects'

/** An object younger than this may belong to a file whose row is not written yet. */
const MIN_AGE_MS = 24 * 60 * 60 * 1000
const BATCH = 500

/**
 * Removes what crashes left in storage: objects that neither a data file nor an execution names, and halves of interrupted writes.
 * @returns how many of each were removed.
 */
export async function sweepObjects(ctx: Context, options: { minAgeMs?: number; signal?: AbortSignal } = {}) {
  requireAdmin(ctx)
  const olderThan = new Date(Date.now() - (options.minAgeMs ?? MIN_AGE_MS))
  let objects = 0
  let batch: string[] = []
  for await (const { key, storedAt } of storage().list()) {
    options.signal?.throwIfAborted()
    if (storedAt < olderThan) batch.push(key)
    if (batch.length < BATCH) continue
    objects += await deleteUnnamed(batch)
    batch = []
  }
  objects += await deleteUnnamed(batch)
  return { objects, partials: await storage().removePartials(olderThan) }
}

async function deleteUnnamed(storageKeys: string[]): Promise<number> {
  const named = { where: { storageKey: { in: storageKeys } }, select: { storageKey: true } }
  const [files, payloads] = await Promise.all([db().dataFile.findMany(named), db().executionPayload.findMany(named)])
  const kept = new Set([...files, ...payloads].map(({ storageKey }) => storageKey))
  const unnamed = storageKeys.filter((key) => !kept.has(key))
  for (const key of unnamed) await deleteObject(key)
  return unnamed.length
}
