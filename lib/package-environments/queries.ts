import { type Context, requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import { LISTED_ENVIRONMENTS } from './schema'

export type PackageEnvironments = Awaited<ReturnType<typeof listPackageEnvironments>>

/** What builds have installed, the last used first, with how many published versions need it. For administrators. */
export async function listPackageEnvironments(ctx: Context) {
  requireAdmin(ctx)
  const [rows, total, size] = await Promise.all([
    db().packageEnvironment.findMany({ orderBy: { usedAt: 'desc' }, take: LISTED_ENVIRONMENTS }),
    db().packageEnvironment.count(),
    db().packageEnvironment.aggregate({ _sum: { sizeBytes: true } }),
  ])
  const versions = await db().build.groupBy({
    by: ['environmentKey'],
    where: { environmentKey: { in: rows.map(({ key }) => key) }, version: { isNot: null } },
    _count: true,
  })
  const counts = new Map(versions.map(({ environmentKey, _count }) => [environmentKey, _count]))
  const environments = rows.map(({ packages, sizeBytes, ...row }) => ({
    ...row,
    packages: packages.split('\n').filter(Boolean),
    sizeBytes: Number(sizeBytes),
    versionCount: counts.get(row.key) ?? 0,
  }))
  return { environments, total, totalBytes: Number(size._sum.sizeBytes ?? 0) }
}
