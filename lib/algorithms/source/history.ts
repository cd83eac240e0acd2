import * as git from 'isomorphic-git'
import { z } from 'zod'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { formatSemanticVersion } from '@/lib/versions/schema'
import { getAlgorithm } from '../queries'
import { AlgorithmPath } from '../schema'
import { MAX_FILE_BYTES } from './paths'
import { type Repository, readHead, repositoryOf } from './repository'
import { readTree } from './tree'

/** Commits that the editor's history goes back. */
export const MAX_LISTED_COMMITS = 200

export type HistoryEntry = {
  sha: string
  message: string
  authorName: string
  /** Milliseconds. */
  committedAt: number
  /** The versions published from it that the actor may see. */
  versions: string[]
}

/** The newest commits of an algorithm, newest first, for whoever may read the source. */
export async function listHistory(ctx: Context, path: AlgorithmPath): Promise<HistoryEntry[]> {
  const { algorithm, repository, headSha } = await openSource(ctx, path)
  const commits = await git.log({ ...repository, ref: headSha, depth: MAX_LISTED_COMMITS })
  const versions = await db().version.findMany({
    where: { algorithmId: algorithm.id, ...(algorithm.canEdit ? {} : { callability: 'public' }) },
    orderBy: [{ major: 'desc' }, { minor: 'desc' }, { revision: 'desc' }],
    select: { major: true, minor: true, revision: true, build: { select: { commitSha: true } } },
  })
  return commits.map(({ oid, commit }) => ({
    sha: oid,
    message: commit.message.trimEnd(),
    authorName: commit.author.name,
    committedAt: commit.committer.timestamp * 1000,
    versions: versions.filter(({ build }) => build.commitSha === oid).map(formatSemanticVersion),
  }))
}

const CommitSha = z.string().regex(/^[0-9a-f]{40}$/, 'Not a commit.')
/** Without `from`, the commit before `to`. */
export const SourceChangesOf = AlgorithmPath.extend({ from: CommitSha.optional(), to: CommitSha })
export type SourceChangesOf = z.input<typeof SourceChangesOf>

/** A file that differs; null on the side where it is not there. Text that is none, or too much of it, is left out. */
export type FileChange = { path: string; before: string | null; after: string | null; isShown: boolean }

/** What differs between two commits of an algorithm, in the order of the paths. Throws `not_found` for unknown ones. */
export async function readSourceChanges(ctx: Context, input: SourceChangesOf): Promise<FileChange[]> {
  const { from, to, ...path } = SourceChangesOf.parse(input)
  const { repository } = await openSource(ctx, path)
  const base = from ?? (await parentOf(repository, to))
  const [before, after] = await Promise.all([
    base === null ? new Map<string, string>() : readTree(repository, base),
    readTree(repository, to),
  ])
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  )
  return Promise.all(
    changed.sort().map(async (file) => {
      const sides = await Promise.all([readText(repository, before.get(file)), readText(repository, after.get(file))])
      const isShown = sides.every((side) => side !== undefined)
      return { path: file, before: sides[0] ?? null, after: sides[1] ?? null, isShown }
    }),
  )
}

async function openSource(ctx: Context, path: AlgorithmPath) {
  const algorithm = await getAlgorithm(ctx, path)
  if (!algorithm.canReadSource) throw notFound('algorithm', algorithm.endpoint)
  const repository = repositoryOf(algorithm.id)
  const headSha = await readHead(repository)
  if (!headSha) throw notFound('commit')
  return { algorithm, repository, headSha }
}

async function parentOf(repository: Repository, sha: string): Promise<string | null> {
  try {
    return (await git.readCommit({ ...repository, oid: sha })).commit.parent[0] ?? null
  } catch (error) {
    if (error instanceof git.Errors.NotFoundError) throw notFound('commit', sha)
    throw error
  }
}

/** Null where there is no file, undefined where it can not be shown. */
async function readText(repository: Repository, oid: string | undefined): Promise<string | null | undefined> {
  if (oid === undefined) return null
  const { blob } = await git.readBlob({ ...repository, oid })
  if (blob.byteLength > MAX_FILE_BYTES) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(blob)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
