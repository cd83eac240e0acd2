import type { Context } from '@/lib/context'
import { db } from '@/lib/db'
import { notFound } from '@/lib/errors'
import { visibleFlows } from './access'

const VERSIONS_SHOWN = 100

/** The published versions of a flow's algorithm, the newest first, as `1.2.3`. Throws `not_found` for another's flow. */
export async function listFlowVersions(ctx: Context, { flowId }: { flowId: string }): Promise<string[]> {
  const flow = await db().eventFlow.findFirst({
    where: { AND: [await visibleFlows(ctx), { id: flowId }] },
    select: {
      algorithm: {
        select: {
          versions: {
            orderBy: [{ major: 'desc' }, { minor: 'desc' }, { revision: 'desc' }],
            take: VERSIONS_SHOWN,
            select: { major: true, minor: true, revision: true },
          },
        },
      },
    },
  })
  if (!flow) throw notFound('event flow')
  return flow.algorithm.versions.map(({ major, minor, revision }) => `${major}.${minor}.${revision}`)
}
