import * as fs from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as git from 'isomorphic-git'
import { env } from '@/lib/env'

export const MAIN_BRANCH = 'main'
const MAIN_REF = `refs/heads/${MAIN_BRANCH}`

/** Names one algorithm's bare repository to isomorphic-git. */
export type Repository = { fs: typeof fs; gitdir: string }

/** `<data>/git/<algorithmId>.git`. */
export function repositoryOf(algorithmId: string): Repository {
  return { fs, gitdir: join(env().HEADRACE_DATA, 'git', `${algorithmId}.git`) }
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

/** Moves the branch. Callers hold the algorithm's row lock, so that nobody moves it in between. */
export async function moveHead(repository: Repository, sha: string): Promise<void> {
  await git.writeRef({ ...repository, ref: MAIN_REF, value: sha, force: true })
}
