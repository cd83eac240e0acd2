import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import { LISTED_ENVIRONMENTS } from './schema'

export type PackageEnvironments = Awaited<ReturnType<typeof listPackageEnvironments>>

/**
 * What builds have installed, the last used first, with the algorithms whose builds use it and how many published versions
 * need it. For administrators.
 */
export async function listPackageEnvironments(ctx: Context) {
  requireAdmin(ctx)
  const [rows, total, size] = await Promise.all([
    db().packageEnvironment.findMany({ orderBy: { usedAt: 'desc' }, take: LISTED_ENVIRONMENTS }),
    db().packageEnvironment.count(),
    db().packageEnvironment.aggregate({ _sum: { sizeBytes: true } }),
  ])
  const keys = rows.map(({ key }) => key)
  const [versions, algorithms] = await Promise.all([
    db().build.groupBy({
      by: ['environmentKey'],
      where: { environmentKey: { in: keys }, version: { isNot: null } },
      _count: true,
    }),
    listAlgorithmsOf(keys),
  ])
  const counts = new Map(versions.map(({ environmentKey, _count }) => [environmentKey, _count]))
  const environments = rows.map(({ packages, sizeBytes, ...row }) => ({
    ...row,
    packages: packages.split('\n').filter(Boolean),
    sizeBytes: Number(sizeBytes),
    versionCount: counts.get(row.key) ?? 0,
    algorithms: algorithms.get(row.key) ?? [],
  }))
  return { environments, total, totalBytes: Number(size._sum.sizeBytes ?? 0) }
}

/** For each environment the endpoints of the algorithms that were built with it, in the order of their names. */
async function listAlgorithmsOf(keys: string[]): Promise<Map<string, string[]>> {
  const uses = await db().build.groupBy({
    by: ['environmentKey', 'algorithmId'],
    where: { environmentKey: { in: keys }, status: 'succeeded' },
  })
  const algorithms = await db().algorithm.findMany({
    where: { id: { in: uses.map(({ algorithmId }) => algorithmId) } },
    select: { id: true, name: true, owner: { select: { name: true } } },
  })
  const named = algorithms.map(({ id, name, owner }) => ({ id, endpoint: `${owner.name}/${name}` }))
  named.sort((a, b) => a.endpoint.localeCompare(b.endpoint, 'en'))
  const used = new Set(uses.map(({ environmentKey, algorithmId }) => `${environmentKey} ${algorithmId}`))
  return new Map(
    keys.map((key) => [key, named.filter(({ id }) => used.has(`${key} ${id}`)).map(({ endpoint }) => endpoint)]),
  )
}
