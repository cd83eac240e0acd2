import { join } from 'node:path'
import { env } from '@/lib/env'
import { fileSystemStorage } from './file-system'
import type { Storage } from './port'

// Next bundles this module more than once; all share one adapter.
const shared = globalThis as unknown as { headraceStorage?: Storage }

/** Where this process keeps the bytes of data files: the folder `files` of the data directory. */
export function storage(): Storage {
  shared.headraceStorage ??= fileSystemStorage(join(env().HEADRACE_DATA, 'files'))
  return shared.headraceStorage
}

/** Puts another store in its place, or with undefined the configured one again; for tests. */
export function setStorage(replacement: Storage | undefined): void {
  shared.headraceStorage = replacement
}
