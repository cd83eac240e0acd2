import * as git from 'isomorphic-git'
import type { Transaction } from '@/lib/db'
import { AppError } from '@/lib/errors'
import { MAX_FILE_BYTES, MAX_FILES, MAX_TREE_BYTES } from './paths'
import { moveHead, type Repository, readHead, repositoryOf } from './repository'
import { type FlatTree, readTree, writeTree } from './tree'

/** One file written (its whole text) or, with null, deleted. */
export type SourceChange = { path: string; text: string | null }

export type CommitRequest = {
  algorithmId: string
  /** The commit that the changes were made on; null for the first one. */
  parentSha: string | null
  changes: SourceChange[]
  message: string
  authorName: string
}

/**
 * Commits changes on top of `parentSha` and mirrors the commit in the ledger. The caller's transaction must hold the
 * algorithm's row lock: it is what keeps two savers apart. The branch moves last; should the transaction still fail
 * after that, the next writer finds the commit in Git and `mirrorCommit` brings its row.
 * Throws `conflict` when somebody else committed since `parentSha`.
 */
export async function commitChanges(tx: Transaction, request: CommitRequest): Promise<string> {
  const repository = repositoryOf(request.algorithmId)
  const head = await readHead(repository)
  if (head !== request.parentSha) {
    throw new AppError('conflict', 'The source was saved elsewhere since you opened it. Load the newer version first.')
  }
  if (head) await mirrorCommit(tx, request.algorithmId, head)
  const tree = head ? await readTree(repository, head) : new Map<string, string>()
  const isChanged = await applyChanges(repository, tree, request.changes)
  if (head && !isChanged) return head
  const sha = await writeCommit(repository, tree, request)
  await mirrorCommit(tx, request.algorithmId, sha)
  await moveHead(repository, sha, head)
  return sha
}

/** Brings the ledger's row of a commit that is in Git; quiet when it is there. */
export async function mirrorCommit(tx: Transaction, algorithmId: string, sha: string): Promise<void> {
  const { commit } = await git.readCommit({ ...repositoryOf(algorithmId), oid: sha })
  await tx.commit.createMany({
    data: [
      {
        algorithmId,
        sha,
        message: commit.message.trimEnd(),
        authorName: commit.author.name,
        createdAt: new Date(commit.author.timestamp * 1000),
      },
    ],
    skipDuplicates: true,
  })
}

export type LoggedCommit = { sha: string; message: string; authorName: string }

/** Commits from `headSha` back to, and without, `sinceSha` (all of them when it is null), newest first. */
export async function readLog(
  algorithmId: string,
  headSha: string,
  sinceSha: string | null,
  limit: number,
): Promise<LoggedCommit[]> {
  const commits = await git.log({ ...repositoryOf(algorithmId), ref: headSha, depth: limit })
  const end = commits.findIndex((entry) => entry.oid === sinceSha)
  return commits.slice(0, end < 0 ? undefined : end).map((entry) => ({
    sha: entry.oid,
    message: entry.commit.message.trimEnd(),
    authorName: entry.commit.author.name,
  }))
}

/** Applies changes to `tree` in place; says whether any of them made a difference. */
async function applyChanges(repository: Repository, tree: FlatTree, changes: SourceChange[]): Promise<boolean> {
  let isChanged = false
  let writtenBytes = 0
  for (const { path, text } of changes) {
    if (text === null) {
      isChanged = tree.delete(path) || isChanged
      continue
    }
    const blob = Buffer.from(text, 'utf8')
    writtenBytes += blob.byteLength
    if (blob.byteLength > MAX_FILE_BYTES || writtenBytes > MAX_TREE_BYTES) {
      throw new AppError('too_large', `${path} is too large: ${MAX_FILE_BYTES / 1024} KiB a file are the limit.`)
    }
    const oid = await git.writeBlob({ ...repository, blob })
    isChanged = tree.get(path) !== oid || isChanged
    tree.set(path, oid)
  }
  if (tree.size > MAX_FILES) throw new AppError('too_large', `At most ${MAX_FILES} files.`)
  requireNoFileIsFolder(tree)
  return isChanged
}

/** A name can not be a file and a folder at once: Git could store it, a disk could not. */
function requireNoFileIsFolder(tree: FlatTree): void {
  for (const path of tree.keys()) {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const folder = path.slice(0, slash)
      if (tree.has(folder)) {
        throw new AppError('invalid_input', `${folder} is a file, so ${path} can not be inside it.`, {
          fields: { path: `${folder} is a file already.` },
        })
      }
    }
  }
}

async function writeCommit(repository: Repository, tree: FlatTree, request: CommitRequest): Promise<string> {
  return git.commit({
    ...repository,
    message: request.message,
    author: { name: request.authorName, email: `${request.authorName}@headrace.invalid` },
    tree: await writeTree(repository, tree),
    parent: request.parentSha ? [request.parentSha] : [],
    noUpdateBranch: true,
  })
}
