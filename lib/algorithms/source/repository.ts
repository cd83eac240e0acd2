import * as fs from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as git from 'isomorphic-git'
import { env } from '@/lib/env'
import { AppError } from '@/lib/errors'

export const MAIN_BRANCH = 'main'
const MAIN_REF = `refs/heads/${MAIN_BRANCH}`

/** Names one algorithm's bare repository to isomorphic-git. */
export type Repository = { fs: typeof fs; gitdir: string; cache: object }

/** `<data>/git/<algorithmId>.git`. What is read of packs is kept for as long as the answer is used. */
export function repositoryOf(algorithmId: string): Repository {
  return { fs, gitdir: join(env().HEADRACE_DATA, 'git', `${algorithmId}.git`), cache: {} }
}

export async function initRepository(repository: Repository): Promise<void> {
  await git.init({ ...repository, bare: true, defaultBranch: MAIN_BRANCH })
}

/** Removes the repository with all its history; quiet when there is none. */
export async function removeRepository(repository: Repository): Promise<void> {
  await rm(repository.gitdir, { recursive: true, force: true })
}

/** The SHA of the newest commit; null in a repository without one. */
export async function readHead(repository: Repository): Promise<string | null> {
  try {
    return await git.resolveRef({ ...repository, ref: MAIN_REF })
  } catch (error) {
    if (error instanceof git.Errors.NotFoundError) return null
    throw error
  }
}

/** How long a save waits for a push that moves the branch at the same moment. */
const LOCK_WAIT_MS = 2_000
const LOCK_POLL_MS = 20
/** Git holds its lock for milliseconds; one that is so old was left by a process that died. */
const STALE_LOCK_MS = 60_000

/**
 * Moves the branch from `expected` to `sha`. Savers are kept apart by the algorithm's row lock; a push is not, so the
 * branch is locked as Git itself does it, with a file beside it. Throws `conflict` when it was moved in between.
 */
export async function moveHead(repository: Repository, sha: string, expected: string | null): Promise<void> {
  const ref = join(repository.gitdir, MAIN_REF)
  const lock = `${ref}.lock`
  const file = await takeLock(lock)
  try {
    if ((await readHead(repository)) !== expected) {
      throw new AppError('conflict', 'The source was changed by a push in this moment. Load the newer version first.')
    }
    await file.writeFile(`${sha}\n`)
    await file.sync()
    await file.close()
    await rename(lock, ref)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(lock, { force: true })
    throw error
  }
}

async function takeLock(lock: string) {
  for (const end = Date.now() + LOCK_WAIT_MS; ; await sleep(LOCK_POLL_MS)) {
    try {
      return await open(lock, 'wx')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (Date.now() > end) throw new AppError('conflict', 'A push is under way. Save again in a moment.')
      await removeStaleLock(lock)
    }
  }
}

async function removeStaleLock(lock: string): Promise<void> {
  const found = await stat(lock).catch(() => undefined)
  if (found && Date.now() - found.mtimeMs > STALE_LOCK_MS) await rm(lock, { force: true })
}
