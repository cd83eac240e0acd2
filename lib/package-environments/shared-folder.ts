import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Transaction } from '@/lib/db'
import { env } from '@/lib/env'

/** Held shared to begin a build or to take to an environment, exclusively to put environments away. */
const ENVIRONMENTS_LOCK = 7_201_002
const TRASH_PREFIX = '.trash-'

export function environmentsFolder(): string {
  return path.join(env().HEADRACE_DATA, 'envs')
}

/** Until the transaction ends, no build begins anywhere, and none that runs takes to an environment. */
export async function holdEnvironments(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ENVIRONMENTS_LOCK}::bigint)`
}

/** Waits while environments are put away; what the transaction notes of its build is seen by whoever does so next. */
export async function useEnvironments(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(${ENVIRONMENTS_LOCK}::bigint)`
}

/** Takes environments out of the way of builds, in a transaction that holds them; `emptyTrash` then removes them. */
export async function discardEnvironments(tx: Transaction, keys: string[]): Promise<void> {
  const folder = environmentsFolder()
  for (const key of keys) {
    const trash = path.join(folder, `${TRASH_PREFIX}${key}-${randomUUID()}`)
    await rename(path.join(folder, key), trash).catch(ignoreMissing)
  }
  await tx.packageEnvironment.deleteMany({ where: { key: { in: keys } } })
}

/** Removes what was discarded, and what a crash left of that. */
export async function emptyTrash(): Promise<void> {
  const folder = environmentsFolder()
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.startsWith(TRASH_PREFIX)) await rm(path.join(folder, name), { recursive: true, force: true })
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
