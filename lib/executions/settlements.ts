import type { Db } from '@/lib/db'
import type { Settlement } from '@/lib/generated/prisma/enums'

/** How the message of an execution was settled; null until it is, and for what no message made. */
export type Settled = { settlement: Settlement | null; settledAt: Date | null }

const NOT_SETTLED: Settled = { settlement: null, settledAt: null }

/** Executions with their settlements, which stand in a table of their own (docs/decisions/0011). */
export async function withSettlements<Row extends { id: string }>(
  client: Db,
  executions: Row[],
): Promise<(Row & Settled)[]> {
  const settled = await client.executionSettlement.findMany({
    where: { executionId: { in: executions.map(({ id }) => id) } },
  })
  const byId = new Map(
    settled.map(({ executionId, settlement, settledAt }) => [executionId, { settlement, settledAt }]),
  )
  return executions.map((row) => ({ ...row, ...(byId.get(row.id) ?? NOT_SETTLED) }))
}
