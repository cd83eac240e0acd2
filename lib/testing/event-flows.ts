import { randomUUID } from 'node:crypto'
import { encrypt } from '@/lib/crypto'
import type { Db } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { Settlement } from '@/lib/generated/prisma/enums'

type Place = { id: string; commitSha: string }

/** A flow's row as `connectBroker` leaves it, without a broker behind it. */
export async function makeFlowRow(
  db: Db,
  owner: { account: { id: string } },
  algorithm: Place,
  data: Partial<Prisma.EventFlowUncheckedCreateInput> = {},
): Promise<{ id: string; algorithm: Place; ownerId: string }> {
  const { id } = await db.eventFlow.create({
    data: {
      ownerId: owner.account.id,
      algorithmId: algorithm.id,
      queueName: `queue-${randomUUID().slice(0, 8)}`,
      namespaceHost: 'contoso.servicebus.windows.net',
      connectionString: encrypt(
        'Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=s',
      ),
      ...data,
    },
    select: { id: true },
  })
  return { id, algorithm, ownerId: owner.account.id }
}

/** An execution of a message of that flow; one second a call after the ones before it. */
export async function makeExecutionRow(
  db: Db,
  flow: Awaited<ReturnType<typeof makeFlowRow>>,
  { settlement, ...data }: Partial<Prisma.ExecutionUncheckedCreateInput> & { settlement?: Settlement } = {},
): Promise<{ id: string }> {
  clock += 1000
  const execution = await db.execution.create({
    data: {
      source: 'flow',
      status: 'succeeded',
      algorithmId: flow.algorithm.id,
      commitSha: flow.algorithm.commitSha,
      callerId: flow.ownerId,
      flowId: flow.id,
      startedAt: new Date(clock),
      ...data,
    },
    select: { id: true },
  })
  if (settlement) {
    const settledAt = new Date(clock + 500)
    await db.executionSettlement.create({ data: { executionId: execution.id, settlement, settledAt } })
  }
  return execution
}

let clock = Date.UTC(2026, 0, 1)
