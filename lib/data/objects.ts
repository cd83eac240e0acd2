import { componentLogger } from '@/lib/logger'
import { storage } from '@/lib/storage/current'

const DELETIONS_AT_ONCE = 8

const log = componentLogger('data')

/** Deletes objects that no row names any more. One that can not be deleted now is left to the sweeper. */
export async function deleteObjects(storageKeys: string[]): Promise<void> {
  const waiting = [...storageKeys]
  const deleteNext = async () => {
    for (let key = waiting.pop(); key; key = waiting.pop()) await deleteObject(key)
  }
  await Promise.all(Array.from({ length: DELETIONS_AT_ONCE }, deleteNext))
}

export async function deleteObject(storageKey: string): Promise<void> {
  try {
    await storage().delete(storageKey)
  } catch (error) {
    log.warn({ err: error, storageKey }, 'an object that nothing names could not be deleted; the sweeper tries again')
  }
}
