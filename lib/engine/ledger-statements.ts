import { type Db, poolOf } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import { isoTime } from '@/lib/iso-time'
import { groupBy } from './group-by'
import type { LedgerRow } from './ledger-rows'
import { COUNT, executionsJson, INTO_EXECUTION } from './record-statement'
import type { MessageKey, SettledExecution } from './recorder'

// With record-statement.ts, the statements that messages go through, each of them one text whatever the size of its
// batch: Prisma compiles its own queries anew for every size, which took the engine longer than all it does besides. What
// looks into tables that grow is planned each time: a plan of the first day would go through all rows for ever.

/** Inserts rows; returns the ids of those that were not there already, in their id or as their message's winner. */
export async function insertExecutions(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<Set<string>> {
  const inserted = await tx.$queryRawUnsafe<{ id: string }[]>(
    `${INTO_EXECUTION} FROM json_populate_recordset(NULL::"Execution", $1::json) AS r
    ON CONFLICT DO NOTHING
    RETURNING id`,
    executionsJson(rows),
  )
  return new Set(inserted.map(({ id }) => id))
}

const FIND_WINNERS = {
  text: `SELECT w.place::int, e.id
    FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) WITH ORDINALITY AS w("flowId", number, at, place)
    JOIN "Execution" e
      ON e."flowId" = w."flowId" AND e."winningSequenceNumber" = w.number AND e."enqueuedAt" = w.at`,
}

/** The executions whose results won, by the place of their message in `keys`. */
export async function findWinnersOf(client: Db, keys: MessageKey[]): Promise<Map<number, string>> {
  const { rows } = await poolOf(client).query<{ place: number; id: string }>({
    ...FIND_WINNERS,
    values: [
      keys.map(({ flowId }) => flowId),
      keys.map(({ sequenceNumber }) => String(sequenceNumber)),
      keys.map(({ enqueuedAt }) => enqueuedAt.toISOString()),
    ],
  })
  return new Map(rows.map(({ place, id }) => [place - 1, id]))
}

/** The highest sequence number of the flow's messages; -1 without any. */
export async function findHighestNumber(client: Db, flowId: string): Promise<bigint> {
  const highest = await client.execution.findFirst({
    where: { flowId, sequenceNumber: { not: null } },
    orderBy: { sequenceNumber: 'desc' },
    select: { sequenceNumber: true },
  })
  return highest?.sequenceNumber ?? -1n
}

const MARK_SETTLED = {
  text: `WITH marked AS (
    INSERT INTO "ExecutionSettlement" ("executionId", settlement, "settledAt")
    SELECT * FROM unnest($1::uuid[], $2::"Settlement"[], $3::timestamptz[]) AS s(id, settlement, at)
    WHERE EXISTS (SELECT FROM "Execution" e WHERE e.id = s.id)
    ON CONFLICT ("executionId") DO UPDATE SET settlement = EXCLUDED.settlement, "settledAt" = EXCLUDED."settledAt"
  ), w AS (
    SELECT id, count(*)::int AS more FROM unnest($4::uuid[]) AS w(id) GROUP BY id
  ), locked AS (
    SELECT f.id FROM "EventFlow" f JOIN w ON w.id = f.id ORDER BY f.id FOR NO KEY UPDATE OF f
  )
  UPDATE "EventFlow" f SET "deadLetteredCount" = f."deadLetteredCount" + w.more
  FROM w, locked WHERE f.id = w.id AND locked.id = f.id`,
}

/**
 * Says what became of the messages of those executions that are still there, the last word of each, and counts the
 * dead-lettered of each flow.
 */
export async function markSettledRows(client: Db, items: SettledExecution[]): Promise<void> {
  const last = [...new Map(items.map((item) => [item.executionId, item])).values()]
  await poolOf(client).query({
    ...MARK_SETTLED,
    values: [
      last.map(({ executionId }) => executionId),
      last.map(({ settlement }) => settlement),
      last.map(({ settledAt }) => isoTime(settledAt)),
      items.flatMap(({ isDeadLettered, flowId }) => (isDeadLettered ? [flowId] : [])),
    ],
  })
}

/** Adds to the flows' counts, and to those of this minute for the sparklines. */
export async function addToCounts(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<void> {
  const ofFlows = rows.filter(({ execution }) => execution.flowId !== undefined)
  const groups = [...groupBy(ofFlows, ({ execution }) => execution.flowId as string)]
  if (groups.length === 0) return
  const countOf = (status: string) =>
    groups.map(([, group]) => group.filter(({ execution }) => execution.status === status).length)
  await tx.$executeRawUnsafe(
    `WITH w AS (
      SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::timestamptz[])
        AS w(id, delivered, succeeded, failed, at)
    ), ${COUNT}
    SELECT count(*) FROM w`,
    groups.map(([flowId]) => flowId),
    groups.map(([, group]) => group.length),
    countOf('succeeded'),
    countOf('failed'),
    groups.map(([, group]) => latestReceipt(group)),
  )
}

/** ISO 8601 texts sort as their times do. */
function latestReceipt(rows: LedgerRow[]): string {
  return rows
    .map(({ execution }) => execution.receivedAt)
    .sort()
    .at(-1) as string
}
