import { ownedAccountIds } from '@/lib/accounts/queries'
import { algorithmAt } from '@/lib/algorithms/access'
import type { Context } from '@/lib/context'
import { requireAdmin } from '@/lib/context'
import { db } from '@/lib/db'
import type { InFlightDelivery } from '@/lib/engine/current'
import { notFound } from '@/lib/errors'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { ConsumerState, FlowIntent } from '@/lib/generated/prisma/enums'
import { ownFlows, visibleFlowAlgorithms, visibleFlows } from './access'
import { type LiveConsumers, liveConsumers, stateOf } from './live-state'
import { OPTION_COLUMNS, optionColumns } from './options'
import { FLOWS_PER_PAGE, type FlowListView } from './schema'
import type { FlowOptions } from './words'

/** A row of a list of flows; plain values, so that client components may have it. No connection string. */
export type FlowRow = {
  id: string
  queueName: string
  namespaceHost: string
  /** `OWNER/NAME[/VERSION]` */
  endpoint: string
  algorithm: { owner: string; name: string }
  versionSelector: string | null
  timeoutSeconds: number
  ownerName: string
  /** Whether the actor's accounts own the algorithm, and may change the flow. */
  isMine: boolean
  state: ConsumerState
  /** What the state means for this flow and what to do. */
  stateReason: string
  stateChangedAt: Date
  /** When the link to the queue is tried again, or was last; null while there is nothing to try. */
  nextTryAt: Date | null
  lastDeliveryAt: Date | null
  deliveredCount: number
  succeededCount: number
  failedCount: number
  deadLetteredCount: number
  options: FlowOptions
  /** What somebody wants of it; who said so last, and when. */
  intent: FlowIntent
  intentBy: string | null
  intentAt: Date | null
}

/** An algorithm's Events tab. `hasFlows` also counts those that the filter leaves out. */
export type AlgorithmFlowPage = FlowPage & {
  algorithm: { id: string; endpoint: string; isMine: boolean }
  hasFlows: boolean
}

export type FlowPage = { flows: FlowRow[]; total: number; page: number; perPage: number }

/** What is in work now, of the consumer in this process. */
export type FlowDetail = FlowRow & {
  createdAt: Date
  /** The version that the next message runs, when the consumer knows one. */
  semanticVersion: string | null
  inFlight: InFlightDelivery[]
}

const ROW = {
  ...OPTION_COLUMNS,
  intent: true,
  intentBy: true,
  intentAt: true,
  id: true,
  queueName: true,
  namespaceHost: true,
  versionSelector: true,
  timeoutSeconds: true,
  state: true,
  stateReason: true,
  stateChangedAt: true,
  lastDeliveryAt: true,
  deliveredCount: true,
  succeededCount: true,
  failedCount: true,
  deadLetteredCount: true,
  createdAt: true,
  owner: { select: { name: true } },
  algorithm: { select: { name: true, ownerId: true, owner: { select: { name: true } } } },
} satisfies Prisma.EventFlowSelect

type FoundFlow = Prisma.EventFlowGetPayload<{ select: typeof ROW }>

/**
 * The flows of one algorithm, for its Events tab, which only its owner and administrators see.
 * Throws `not_found` for everybody else.
 */
export async function listForAlgorithm(
  ctx: Context,
  { owner, name, ...view }: FlowListView & { owner: string; name: string },
): Promise<AlgorithmFlowPage> {
  const path = { AND: [algorithmAt({ owner, name }), await visibleFlowAlgorithms(ctx)] }
  const algorithm = await db().algorithm.findFirst({
    where: path,
    select: {
      id: true,
      name: true,
      ownerId: true,
      owner: { select: { name: true } },
      _count: { select: { eventFlows: true } },
    },
  })
  if (!algorithm) throw notFound('algorithm', `${owner}/${name}`)
  const { id, ownerId, _count } = algorithm
  const isMine = (await ownedAccountIds(ctx)).includes(ownerId)
  return {
    ...(await listFlows(ctx, { algorithmId: id }, view)),
    algorithm: { id, endpoint: `${algorithm.owner.name}/${algorithm.name}`, isMine },
    hasFlows: _count.eventFlows > 0,
  }
}

/** The flows of all algorithms of the actor's accounts. */
export async function listMine(ctx: Context, view: FlowListView): Promise<FlowPage> {
  return listFlows(ctx, await ownFlows(ctx), view)
}

/** Every flow of every account, for administrators; `not_found` for others. */
export async function listAll(ctx: Context, view: FlowListView): Promise<FlowPage> {
  requireAdmin(ctx)
  return listFlows(ctx, {}, view)
}

/** One flow with what it does now. Throws `not_found` for another account's. */
export async function getFlow(ctx: Context, { id }: { id: string }): Promise<FlowDetail> {
  const flow = await db().eventFlow.findFirst({ where: { AND: [await visibleFlows(ctx), { id }] }, select: ROW })
  if (!flow) throw notFound('event flow')
  const live = await liveConsumers([id])
  const consumer = live.consumers.get(id)
  return {
    ...rowOf(flow, live, await ownedAccountIds(ctx)),
    createdAt: flow.createdAt,
    semanticVersion: consumer?.semanticVersion ?? null,
    inFlight: consumer?.inFlight ?? [],
  }
}

async function listFlows(ctx: Context, scope: Prisma.EventFlowWhereInput, view: FlowListView): Promise<FlowPage> {
  const where = { AND: [scope, matching(view.q)] }
  const [total, found] = await Promise.all([
    db().eventFlow.count({ where }),
    db().eventFlow.findMany({
      where,
      orderBy: [...orderOf(view), { id: 'asc' }],
      skip: (view.page - 1) * FLOWS_PER_PAGE,
      take: FLOWS_PER_PAGE,
      select: ROW,
    }),
  ])
  const live = await liveConsumers(found.map(({ id }) => id))
  const mine = await ownedAccountIds(ctx)
  return { flows: found.map((flow) => rowOf(flow, live, mine)), total, page: view.page, perPage: FLOWS_PER_PAGE }
}

function matching(text: string): Prisma.EventFlowWhereInput {
  if (!text) return {}
  const contains = { contains: text, mode: 'insensitive' } as const
  return {
    OR: [
      { queueName: contains },
      { namespaceHost: contains },
      { algorithm: { name: contains } },
      { algorithm: { owner: { name: contains } } },
    ],
  }
}

function orderOf({ sort, order }: FlowListView): Prisma.EventFlowOrderByWithRelationInput[] {
  switch (sort) {
    case 'uri':
      return [{ queueName: order }, { namespaceHost: order }]
    case 'algorithm':
      return [{ algorithm: { owner: { name: order } } }, { algorithm: { name: order } }]
    case 'state':
      return [{ state: order }, { queueName: 'asc' }]
    case 'last-delivery':
      return [{ lastDeliveryAt: { sort: order, nulls: 'last' } }]
  }
}

function rowOf(flow: FoundFlow, live: LiveConsumers, mine: string[]): FlowRow {
  const { owner, algorithm, createdAt: _, ...row } = flow
  const options = optionColumns(row)
  const { state, reason, changedAt, nextTryAt } = stateOf(flow, live)
  const path = { owner: algorithm.owner.name, name: algorithm.name }
  return {
    ...row,
    options,
    state,
    stateReason: reason,
    stateChangedAt: changedAt,
    nextTryAt,
    algorithm: path,
    endpoint: [path.owner, path.name, row.versionSelector].filter(Boolean).join('/'),
    ownerName: owner.name,
    isMine: mine.includes(algorithm.ownerId),
  }
}
