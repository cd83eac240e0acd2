import { findEditableAlgorithm } from '@/lib/algorithms/access'
import { getAlgorithm } from '@/lib/algorithms/queries'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import { readLog } from '@/lib/algorithms/source/commit'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import { formatSemanticVersion } from './schema'

/** Commits that the publish dialog lists at most. */
const MAX_LISTED_COMMITS = 50

export type VersionSummary = Awaited<ReturnType<typeof listVersions>>[number]

/** The published versions that the actor may call, newest first. */
export async function listVersions(ctx: Context, path: AlgorithmPath) {
  const algorithm = await getAlgorithm(ctx, path)
  const seesPrivate = algorithm.canEdit || (ctx.actor.kind === 'user' && ctx.actor.isAdmin)
  const versions = await db().version.findMany({
    where: { algorithmId: algorithm.id, ...(seesPrivate ? {} : { callability: 'public' }) },
    orderBy: NEWEST_FIRST,
    select: {
      id: true,
      major: true,
      minor: true,
      revision: true,
      callability: true,
      releaseNotes: true,
      createdAt: true,
      build: { select: { id: true, commitSha: true } },
    },
  })
  return versions.map((version) => ({ ...version, semanticVersion: formatSemanticVersion(version) }))
}

export type PublicationDraft = Awaited<ReturnType<typeof getPublicationDraft>>

/** What the publish dialog starts from: commits since the last version, its number, callability and sample. */
export async function getPublicationDraft(ctx: Context, input: AlgorithmPath & { buildId: string }) {
  const algorithm = await findEditableAlgorithm(ctx, input)
  const [build, last] = await Promise.all([
    db().build.findFirst({
      where: { id: input.buildId, algorithmId: algorithm.id },
      select: { id: true, commitSha: true },
    }),
    db().version.findFirst({
      where: { algorithmId: algorithm.id },
      orderBy: NEWEST_FIRST,
      select: LAST_VERSION,
    }),
  ])
  if (!build) throw notFound('build', input.buildId)
  const lastSha = last?.build.commitSha ?? null
  return {
    endpoint: algorithm.endpoint,
    buildId: build.id,
    commitSha: build.commitSha,
    commits: await readLog(algorithm.id, build.commitSha, lastSha, MAX_LISTED_COMMITS),
    last: last && { major: last.major, minor: last.minor, revision: last.revision, callability: last.callability },
    sampleInput: last?.sampleInput ?? '',
  }
}

const NEWEST_FIRST = [
  { major: 'desc' },
  { minor: 'desc' },
  { revision: 'desc' },
] satisfies Prisma.VersionOrderByWithRelationInput[]

const LAST_VERSION = {
  major: true,
  minor: true,
  revision: true,
  callability: true,
  sampleInput: true,
  build: { select: { commitSha: true } },
} satisfies Prisma.VersionSelect
