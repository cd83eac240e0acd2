import { db } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import { backOffPolicy } from './decide'
import type { FlowSpec } from './target'

const FLOW = {
  id: true,
  ownerId: true,
  algorithmId: true,
  versionSelector: true,
  queueName: true,
  namespaceHost: true,
  connectionString: true,
  timeoutSeconds: true,
  concurrency: true,
  messageOrder: true,
  backOffKind: true,
  backOffFirstSeconds: true,
  backOffLongestMinutes: true,
  outputCollection: true,
  outputNameTemplate: true,
  lockRenewalLimitMinutes: true,
  intent: true,
  intentBy: true,
  revision: true,
  algorithm: { select: { name: true, updatedAt: true, owner: { select: { name: true } } } },
} satisfies Prisma.EventFlowSelect

const MINUTE_MS = 60_000

/**
 * Those of `ids` that there are, with what their consumers must know: two queries, however many there are.
 * `limitsMark` tells one state of the administrator's maxima from another.
 */
export async function readFlows(ids: string[], limitsMark = ''): Promise<FlowSpec[]> {
  const flows = await db().eventFlow.findMany({ where: { id: { in: ids } }, select: FLOW })
  const marks = await readVersionMarks()
  return flows.map((flow) => toSpec(flow, `${marks.get(flow.algorithmId) ?? ''} ${limitsMark}`))
}

type FoundFlow = Prisma.EventFlowGetPayload<{ select: typeof FLOW }>

function toSpec(flow: FoundFlow, marks: string): FlowSpec {
  const { id, ownerId, algorithmId, versionSelector, queueName, namespaceHost, concurrency, messageOrder } = flow
  const { algorithm, outputCollection, lockRenewalLimitMinutes } = flow
  return {
    ...{ id, ownerId, algorithmId, versionSelector, queueName, namespaceHost, concurrency, messageOrder },
    algorithmName: `${algorithm.owner.name}/${algorithm.name}`,
    sealedConnectionString: flow.connectionString,
    timeoutMs: flow.timeoutSeconds * 1_000,
    backOff: backOffPolicy(flow.backOffKind, flow.backOffFirstSeconds * 1_000, flow.backOffLongestMinutes * MINUTE_MS),
    output: outputCollection ? { collection: outputCollection, nameTemplate: flow.outputNameTemplate } : null,
    lockRenewalLimitMs: lockRenewalLimitMinutes === null ? null : lockRenewalLimitMinutes * MINUTE_MS,
    wish: { intent: flow.intent, by: flow.intentBy },
    revision: flow.revision,
    versionsMark: `${algorithm.updatedAt.getTime()} ${marks}`,
  }
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
