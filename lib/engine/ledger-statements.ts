import type { Db } from '@/lib/db'
import { Prisma } from '@/lib/generated/prisma/client'
import { groupBy } from './group-by'
import type { LedgerRow } from './ledger-rows'
import type { MessageKey } from './recorder'

// The statements that every message goes through, each of them one text whatever the size of its batch. Prisma's own
// queries are compiled anew for every size, which took the engine longer than all that it does besides.

/** Columns of a delivery's row. What a row does not name is null, but for the two that must not be. */
const COLUMNS = [
  ...['id', 'source', 'status', 'algorithmId', 'versionId', 'commitSha', 'callerId', 'flowId'],
  ...['messageId', 'sequenceNumber', 'deliveryCount', 'enqueuedAt', 'receivedAt', 'winningSequenceNumber'],
  ...['recordedAt', 'deadLetterReason', 'sessionId', 'correlationId', 'messageContentType', 'applicationProperties'],
  ...['outputPath', 'inputType', 'inputPreview', 'inputBytes', 'resultType', 'errorType', 'errorMessage', 'errorStack'],
  ...['startedAt', 'finishedAt', 'durationMs'],
] as const

const quoted = (prefix: string) => Prisma.raw(COLUMNS.map((column) => `${prefix}"${column}"`).join(', '))
const NAMES = quoted('')
const VALUES = quoted('r.')

/** Inserts rows; returns the ids of those that were not there already, in their id or as their message's winner. */
export async function insertExecutions(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<Set<string>> {
  const inserted = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO "Execution" (${NAMES}, "resultPreview", "resultBytes")
    SELECT ${VALUES}, coalesce(r."resultPreview", ''), coalesce(r."resultBytes", 0)
    FROM json_populate_recordset(NULL::"Execution", ${toJson(rows)}::json) AS r
    ON CONFLICT DO NOTHING
    RETURNING id`
  return new Set(inserted.map(({ id }) => id))
}

/** Half a character, which JSON writes as an escape and Postgres refuses; a backslash before it is another's. */
const LONE_SURROGATE = /\\\\|\\ud[89a-f][0-9a-f]{2}/g

function toJson(rows: LedgerRow[]): string {
  const text = JSON.stringify(
    rows.map(({ execution }) => execution),
    (_, value) => (typeof value === 'bigint' ? String(value) : value),
  )
  return text.replace(LONE_SURROGATE, (found) => (found.length === 2 ? found : '\uFFFD'))
}

/** The executions whose results won, by the place of their message in `keys`. */
export async function findWinnersOf(client: Db, keys: MessageKey[]): Promise<Map<number, string>> {
  const found = await client.$queryRaw<{ place: number; id: string }[]>`
    SELECT w.place::int, e.id
    FROM unnest(
      ${keys.map(({ flowId }) => flowId)}::uuid[],
      ${keys.map(({ sequenceNumber }) => String(sequenceNumber))}::text[]::bigint[],
      ${keys.map(({ enqueuedAt }) => enqueuedAt.toISOString())}::timestamptz[]
    ) WITH ORDINALITY AS w("flowId", number, at, place)
    JOIN "Execution" e
      ON e."flowId" = w."flowId" AND e."winningSequenceNumber" = w.number AND e."enqueuedAt" = w.at`
  return new Map(found.map(({ place, id }) => [place - 1, id]))
}

/** Adds to the flows' counts, and to those of this minute for the sparklines. Locks in the order of the ids, so that engines do not wait for each other in a circle. */
export async function addToCounts(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<void> {
  const ofFlows = rows.filter(({ execution }) => execution.flowId !== null)
  const groups = [...groupBy(ofFlows, ({ execution }) => execution.flowId as string)]
  if (groups.length === 0) return
  const countOf = (status: string) =>
    groups.map(([, group]) => group.filter(({ execution }) => execution.status === status).length)
  await tx.$executeRaw`
    WITH w AS (
      SELECT * FROM unnest(
        ${groups.map(([flowId]) => flowId)}::uuid[],
        ${groups.map(([, group]) => group.length)}::int[],
        ${countOf('succeeded')}::int[],
        ${countOf('failed')}::int[],
        ${groups.map(([, group]) => latestReceipt(group).toISOString())}::timestamptz[]
      ) AS w(id, delivered, succeeded, failed, at)
    ), locked AS (
      SELECT f.id FROM "EventFlow" f JOIN w ON w.id = f.id ORDER BY f.id FOR NO KEY UPDATE OF f
    ), minutes AS (
      INSERT INTO "FlowMinute" AS m ("flowId", minute, delivered, succeeded, failed)
      SELECT w.id, date_trunc('minute', now()), w.delivered, w.succeeded, w.failed FROM w JOIN locked ON locked.id = w.id
      ON CONFLICT ("flowId", minute) DO UPDATE SET delivered = m.delivered + EXCLUDED.delivered,
        succeeded = m.succeeded + EXCLUDED.succeeded, failed = m.failed + EXCLUDED.failed
    )
    UPDATE "EventFlow" f
    SET "lastDeliveryAt" = w.at, "deliveredCount" = f."deliveredCount" + w.delivered,
      "succeededCount" = f."succeededCount" + w.succeeded, "failedCount" = f."failedCount" + w.failed, "updatedAt" = now()
    FROM w, locked WHERE f.id = w.id AND locked.id = f.id`
}

function latestReceipt(rows: LedgerRow[]): Date {
  return new Date(Math.max(...rows.map(({ execution }) => (execution.receivedAt as Date).getTime())))
}

/** Whether a row was refused because what it belongs to was deleted. */
export function isForeignKeyError(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false
  return error.code === 'P2003' || (error.code === 'P2010' && /Code: `23503`/.test(error.message))
}
