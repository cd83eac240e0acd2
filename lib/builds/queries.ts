import { findEditableAlgorithm } from '@/lib/algorithms/access'
import type { AlgorithmPath } from '@/lib/algorithms/schema'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import { formatSemanticVersion } from '@/lib/versions/schema'
import { BUILDS_PER_PAGE, BuildPath, BuildProgressOf, type BuildStatus, ListBuilds } from './schema'

export type BuildSummary = Awaited<ReturnType<typeof listBuilds>>['builds'][number]

/** An algorithm's builds, newest first, for its owner; a page at a time. */
export async function listBuilds(ctx: Context, input: ListBuilds) {
  const { filter, status, page, ...path } = ListBuilds.parse(input)
  const algorithm = await findEditableAlgorithm(ctx, path)
  const where: Prisma.BuildWhereInput = {
    algorithmId: algorithm.id,
    ...(status === 'all' ? {} : { status }),
    ...(filter ? { commitSha: { startsWith: filter.toLowerCase() } } : {}),
  }
  const [total, rows, publishable] = await Promise.all([
    db().build.count({ where }),
    db().build.findMany({
      where,
      select: SUMMARY,
      orderBy: NEWEST_FIRST,
      skip: (page - 1) * BUILDS_PER_PAGE,
      take: BUILDS_PER_PAGE,
    }),
    findPublishableBuild(algorithm.id),
  ])
  const builds = rows.map((row) => ({ ...withVersion(row), isPublishable: row.id === publishable?.id }))
  return { algorithmId: algorithm.id, total, page, builds }
}

export type BuildView = Awaited<ReturnType<typeof getBuild>>

/** One build with its log, for the algorithm's owner. */
export async function getBuild(ctx: Context, input: BuildPath) {
  const { buildId, ...path } = BuildPath.parse(input)
  const algorithm = await findEditableAlgorithm(ctx, path)
  const build = await db().build.findFirst({
    where: { id: buildId, algorithmId: algorithm.id },
    select: {
      ...SUMMARY,
      log: true,
      error: true,
      environmentKey: true,
      interpreterVersion: true,
      environment: { select: { displayName: true } },
    },
  })
  if (!build) throw notFound('build', buildId)
  const { environment, ...rest } = build
  const [publishable, packageEnvironment, queuePosition] = await Promise.all([
    findPublishableBuild(algorithm.id),
    build.environmentKey === null
      ? null
      : db().packageEnvironment.findUnique({
          where: { key: build.environmentKey },
          select: { installer: true, packages: true, sizeBytes: true },
        }),
    findQueuePosition(build.id),
  ])
  return {
    ...withVersion(rest),
    isPublishable: build.id === publishable?.id,
    environmentName: environment?.displayName ?? null,
    packageEnvironment,
    queuePosition,
    algorithm,
  }
}

/** How many builds are before this one, and itself: 1 is next. Null when it does not wait. */
async function findQueuePosition(buildId: string): Promise<number | null> {
  const [row] = await db().$queryRaw<{ position: number }[]>`
    SELECT (
      SELECT count(*)::int FROM "Build" other
      WHERE other.status = 'queued' AND (other."createdAt", other.id) <= (build."createdAt", build.id)
    ) AS position
    FROM "Build" build WHERE build.id = ${buildId}::uuid AND build.status = 'queued'`
  return row?.position ?? null
}

export type BuildProgress = {
  status: BuildStatus
  error: string | null
  commitSha: string
  /** 1 is next; null when it does not wait. */
  queuePosition: number | null
  /** What the log holds past `from`. */
  text: string
  /** The `from` of the next question. */
  nextFrom: number
}

/** How a build goes and what its log has gained, for whoever watches it. */
export async function readBuildProgress(ctx: Context, input: BuildProgressOf): Promise<BuildProgress> {
  const { buildId, from, ...path } = BuildProgressOf.parse(input)
  const algorithm = await findEditableAlgorithm(ctx, path)
  const [progress] = await db().$queryRaw<Omit<BuildProgress, 'queuePosition'>[]>`
    SELECT status::text, error, "commitSha", substr(log, ${from + 1}::int) AS text, char_length(log) AS "nextFrom"
    FROM "Build" WHERE id = ${buildId}::uuid AND "algorithmId" = ${algorithm.id}::uuid`
  if (!progress) throw notFound('build', buildId)
  return { ...progress, queuePosition: progress.status === 'queued' ? await findQueuePosition(buildId) : null }
}

/** The newest build that succeeded, when it is not published yet: the one that PUBLISH offers. */
export async function findPublishableBuild(algorithmId: string): Promise<{ id: string; commitSha: string } | null> {
  const newest = await db().build.findFirst({
    where: { algorithmId, status: 'succeeded' },
    orderBy: NEWEST_FIRST,
    select: { id: true, commitSha: true, version: { select: { id: true } } },
  })
  return newest && !newest.version ? { id: newest.id, commitSha: newest.commitSha } : null
}

export type LatestBuilds = Awaited<ReturnType<typeof getLatestBuilds>>

/** What the editor starts from: the newest build, the commit that its console can run, the build that it can publish. */
export async function getLatestBuilds(ctx: Context, path: AlgorithmPath) {
  const { id: algorithmId } = await findEditableAlgorithm(ctx, path)
  const newest = (where: Prisma.BuildWhereInput) =>
    db().build.findFirst({
      where: { algorithmId, ...where },
      orderBy: NEWEST_FIRST,
      select: { id: true, commitSha: true },
    })
  const [unfinished, runnable, publishable] = await Promise.all([
    newest({ status: { in: ['queued', 'in_progress'] } }),
    newest({ status: 'succeeded' }),
    findPublishableBuild(algorithmId),
  ])
  return { unfinishedId: unfinished?.id ?? null, runnableSha: runnable?.commitSha ?? null, publishable }
}

const NEWEST_FIRST = [{ createdAt: 'desc' }, { id: 'desc' }] satisfies Prisma.BuildOrderByWithRelationInput[]

const SUMMARY = {
  id: true,
  commitSha: true,
  status: true,
  createdAt: true,
  startedAt: true,
  finishedAt: true,
  version: { select: { major: true, minor: true, revision: true, callability: true } },
} satisfies Prisma.BuildSelect

type WithVersion = { version: Prisma.BuildGetPayload<{ select: typeof SUMMARY }>['version'] }

function withVersion<B extends WithVersion>(build: B) {
  const { version, ...rest } = build
  return {
    ...rest,
    semanticVersion: version && formatSemanticVersion(version),
    callability: version?.callability ?? null,
  }
}
