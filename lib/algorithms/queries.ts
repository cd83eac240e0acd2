import { ownedAccountIds } from '@/lib/accounts/queries'
import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import { formatSemanticVersion } from '@/lib/versions/schema'
import { algorithmAt, visibleAlgorithms } from './access'
import { readLimits } from './limits'
import { type AlgorithmPath, ListAlgorithms } from './schema'

export const ALGORITHMS_PER_PAGE = 20

export type AlgorithmView = Awaited<ReturnType<typeof getAlgorithm>>

/**
 * An algorithm's profile, for whoever may see it: its owner, everybody signed in once a public version exists, and
 * administrators. `canEdit` says whether the actor is its owner. `latestVersion` is the newest that the actor may call.
 */
export async function getAlgorithm(ctx: Context, path: AlgorithmPath) {
  const algorithm = await db().algorithm.findFirst({
    where: { ...algorithmAt(path), ...(await visibleAlgorithms(ctx)) },
    select: PROFILE,
  })
  if (!algorithm) throw notFound('algorithm', `${path.owner}/${path.name}`)
  const canEdit = await isOwner(ctx, algorithm.ownerId)
  const { owner, _count, ...rest } = algorithm
  return {
    ...rest,
    limits: readLimits(rest.limits),
    ownerName: owner.name,
    endpoint: `${owner.name}/${algorithm.name}`,
    canEdit,
    canReadSource: canEdit || algorithm.sourceVisibility === 'open' || isAdministrator(ctx),
    latestVersion: await newestVisibleVersion(algorithm.id, canEdit || isAdministrator(ctx)),
    hasPublicVersion: _count.versions > 0,
  }
}

export type AlgorithmSummary = Awaited<ReturnType<typeof listAlgorithms>>['algorithms'][number]

/** The algorithms that the actor may see, the last changed first; a page at a time. */
export async function listAlgorithms(ctx: Context, input: ListAlgorithms) {
  const { search, page } = ListAlgorithms.parse(input)
  const where = { AND: [await visibleAlgorithms(ctx), search ? matchingAlgorithms(search) : {}] }
  const [total, rows] = await Promise.all([
    db().algorithm.count({ where }),
    db().algorithm.findMany({
      where,
      select: SUMMARY,
      orderBy: [{ updatedAt: 'desc' }, { id: 'asc' }],
      skip: (page - 1) * ALGORITHMS_PER_PAGE,
      take: ALGORITHMS_PER_PAGE,
    }),
  ])
  const mine = new Set(ctx.actor.kind === 'system' ? [] : await ownedAccountIds(ctx))
  return { total, page, algorithms: rows.map((row) => summarize(row, mine.has(row.ownerId))) }
}

/** Executions that the overview looks at: enough to tell, few enough to count while a flow is busy. */
const COUNTED_EXECUTIONS = 10_000

export type AlgorithmMetrics = Awaited<ReturnType<typeof getAlgorithmMetrics>>

/** What the overview counts: the newest executions of every kind, at most 10,000, and their average duration. */
export async function getAlgorithmMetrics(ctx: Context, path: AlgorithmPath) {
  const algorithm = await getAlgorithm(ctx, path)
  const [[calls], versionCount] = await Promise.all([
    db().$queryRaw<[{ count: number; average: number | null }]>`
      SELECT count(*)::int AS count, avg("durationMs") AS average FROM (
        SELECT "durationMs" FROM "Execution" WHERE "algorithmId" = ${algorithm.id}::uuid
        ORDER BY "startedAt" DESC LIMIT ${COUNTED_EXECUTIONS + 1}
      ) AS newest`,
    db().version.count({
      where: { algorithmId: algorithm.id, ...(algorithm.canEdit ? {} : { callability: 'public' }) },
    }),
  ])
  const { count, average } = calls
  const hasMore = count > COUNTED_EXECUTIONS
  return { callCount: hasMore ? COUNTED_EXECUTIONS : count, hasMore, averageDurationMs: average, versionCount }
}

const PROFILE = {
  id: true,
  ownerId: true,
  name: true,
  label: true,
  tagline: true,
  sourceVisibility: true,
  license: true,
  networkAccess: true,
  limits: true,
  pipelineEnabled: true,
  createdAt: true,
  owner: { select: { name: true } },
  environment: { select: { name: true, displayName: true, language: true, exactVersion: true, isAvailable: true } },
  _count: { select: { versions: { where: { callability: 'public' } } } },
} satisfies Prisma.AlgorithmSelect

const NEWEST_FIRST = [
  { major: 'desc' },
  { minor: 'desc' },
  { revision: 'desc' },
] satisfies Prisma.VersionOrderByWithRelationInput[]

const VERSION_NUMBER = { major: true, minor: true, revision: true, callability: true } satisfies Prisma.VersionSelect

const SUMMARY = {
  id: true,
  ownerId: true,
  name: true,
  label: true,
  tagline: true,
  updatedAt: true,
  owner: { select: { name: true } },
  environment: { select: { displayName: true, language: true } },
  versions: { select: VERSION_NUMBER, orderBy: NEWEST_FIRST },
} satisfies Prisma.AlgorithmSelect

function summarize(row: Prisma.AlgorithmGetPayload<{ select: typeof SUMMARY }>, isMine: boolean) {
  const { owner, versions, ownerId: _, ...rest } = row
  const callable = isMine ? versions : versions.filter((version) => version.callability === 'public')
  const newest = callable[0]
  return {
    ...rest,
    ownerName: owner.name,
    endpoint: `${owner.name}/${row.name}`,
    isMine,
    isPublic: versions.some((version) => version.callability === 'public'),
    semanticVersion: newest ? formatSemanticVersion(newest) : null,
  }
}

function matchingAlgorithms(search: string): Prisma.AlgorithmWhereInput {
  const contains = { contains: search, mode: 'insensitive' } as const
  return { OR: [{ name: contains }, { label: contains }, { tagline: contains }, { owner: { name: contains } }] }
}

async function newestVisibleVersion(algorithmId: string, seesPrivate: boolean) {
  const version = await db().version.findFirst({
    where: { algorithmId, ...(seesPrivate ? {} : { callability: 'public' }) },
    orderBy: NEWEST_FIRST,
    select: { ...VERSION_NUMBER, id: true, sampleInput: true, sampleOutput: true },
  })
  return version && { ...version, semanticVersion: formatSemanticVersion(version) }
}

async function isOwner(ctx: Context, ownerId: string): Promise<boolean> {
  if (ctx.actor.kind !== 'user') return false
  return (await ownedAccountIds(ctx)).includes(ownerId)
}

function isAdministrator(ctx: Context): boolean {
  return ctx.actor.kind === 'user' && ctx.actor.isAdmin
}
