import type { Context } from '@/lib/context'
import { decrypt } from '@/lib/crypto'
import { db } from '@/lib/db'
import { editableFlows, refuseFlow } from '@/lib/event-flows/access'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { QueueAddress } from './broker/port'

/** What the queue tools need of a flow. */
export type ToolFlow = {
  id: string
  ownerId: string
  algorithmId: string
  /** `OWNER/NAME`. */
  algorithmName: string
  versionSelector: string | null
  timeoutMs: number
  namespaceHost: string
  address: QueueAddress
}

const TOOL_FLOW = {
  id: true,
  ownerId: true,
  algorithmId: true,
  versionSelector: true,
  timeoutSeconds: true,
  namespaceHost: true,
  queueName: true,
  connectionString: true,
  algorithm: { select: { name: true, owner: { select: { name: true } } } },
} satisfies Prisma.EventFlowSelect

/** A flow that the actor may manage. Throws `forbidden` for an administrator's look at another's, else `not_found`. */
export async function findToolFlow(ctx: Context, flowId: string): Promise<ToolFlow> {
  const where = await editableFlows(ctx)
  const flow = await db().eventFlow.findFirst({ where: { AND: [where, { id: flowId }] }, select: TOOL_FLOW })
  if (!flow) throw await refuseFlow(ctx, flowId)
  return toToolFlow(flow)
}

/** The same for a job, whose right was checked when it was asked for. Null when the flow is gone. */
export async function findJobFlow(flowId: string): Promise<ToolFlow | null> {
  const flow = await db().eventFlow.findUnique({ where: { id: flowId }, select: TOOL_FLOW })
  return flow && toToolFlow(flow)
}

type FoundFlow = Prisma.EventFlowGetPayload<{ select: typeof TOOL_FLOW }>

function toToolFlow({ queueName, connectionString, timeoutSeconds, algorithm, ...flow }: FoundFlow): ToolFlow {
  return {
    ...flow,
    algorithmName: `${algorithm.owner.name}/${algorithm.name}`,
    timeoutMs: timeoutSeconds * 1_000,
    address: { queueName, connectionString: decrypt(connectionString) },
  }
}
