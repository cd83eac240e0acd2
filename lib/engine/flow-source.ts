import { db } from '@/lib/db'
import type { FlowSpec } from './target'

/** Those of `ids` that there are, with what their consumers must know: two queries, however many there are. */
export async function readFlows(ids: string[]): Promise<FlowSpec[]> {
  const flows = await db().eventFlow.findMany({
    where: { id: { in: ids } },
    select: {
      id: true,
      ownerId: true,
      algorithmId: true,
      versionSelector: true,
      queueName: true,
      namespaceHost: true,
      connectionString: true,
      timeoutSeconds: true,
      revision: true,
      algorithm: { select: { name: true, updatedAt: true, owner: { select: { name: true } } } },
    },
  })
  const marks = await readVersionMarks()
  return flows.map(({ algorithm, connectionString, timeoutSeconds, ...flow }) => ({
    ...flow,
    algorithmName: `${algorithm.owner.name}/${algorithm.name}`,
    sealedConnectionString: connectionString,
    timeoutMs: timeoutSeconds * 1_000,
    versionsMark: `${algorithm.updatedAt.getTime()} ${marks.get(flow.algorithmId) ?? ''}`,
  }))
}

/** Versions never change once they are published, so their number and the newest one's time tell sets apart. */
async function readVersionMarks(): Promise<Map<string, string>> {
  const groups = await db().version.groupBy({
    by: ['algorithmId'],
    where: { algorithm: { eventFlows: { some: {} } } },
    _count: true,
    _max: { createdAt: true },
  })
  return new Map(groups.map(({ algorithmId, _count, _max }) => [algorithmId, `${_count} ${_max.createdAt?.getTime()}`]))
}
