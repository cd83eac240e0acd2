import { type Db, poolOf } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import { groupBy } from './group-by'
import type { LeaseMark } from './leases/lease'
import { nameOfLease } from './leases/lease-store'
import type { LedgerRow } from './ledger-rows'
import type { MessageKey, SettledExecution } from './recorder'

// The statements that every message goes through, each of them one text whatever the size of its batch, and prepared
// by name: Prisma compiles its own queries anew for every size, which took the engine longer than all it does besides.

/** Columns of a delivery's row. What a row does not name is null, but for the two that must not be. */
const COLUMNS = [
  ...['id', 'source', 'status', 'algorithmId', 'versionId', 'commitSha', 'callerId', 'flowId'],
  ...['messageId', 'sequenceNumber', 'deliveryCount', 'enqueuedAt', 'receivedAt', 'winningSequenceNumber'],
  ...['recordedAt', 'deadLetterReason', 'sessionId', 'correlationId', 'messageContentType', 'applicationProperties'],
  ...['outputPath', 'inputType', 'inputPreview', 'inputBytes', 'resultType', 'errorType', 'errorMessage', 'errorStack'],
  ...['startedAt', 'finishedAt', 'durationMs'],
]

const quoted = (prefix: string) => COLUMNS.map((column) => `${prefix}"${column}"`).join(', ')

const INTO_EXECUTION = `INSERT INTO "Execution" (${quoted('')}, "resultPreview", "resultBytes")
  SELECT ${quoted('r.')}, coalesce(r."resultPreview", ''), coalesce(r."resultBytes", 0)`

/**
 * Adds what `w` (id, delivered, succeeded, failed, at) says to the flows' counts, and to those of this minute for the
 * sparklines. Locks in the order of the ids, so that engines do not wait for each other in a circle.
 */
const COUNT = `locked AS (
    SELECT f.id FROM "EventFlow" f JOIN w ON w.id = f.id ORDER BY f.id FOR NO KEY UPDATE OF f
  ), minutes AS (
    INSERT INTO "FlowMinute" AS m ("flowId", minute, delivered, succeeded, failed)
    SELECT w.id, date_trunc('minute', now()), w.delivered, w.succeeded, w.failed FROM w JOIN locked ON locked.id = w.id
    ON CONFLICT ("flowId", minute) DO UPDATE SET delivered = m.delivered + EXCLUDED.delivered,
      succeeded = m.succeeded + EXCLUDED.succeeded, failed = m.failed + EXCLUDED.failed
  ), counted AS (
    UPDATE "EventFlow" f
    SET "lastDeliveryAt" = w.at, "deliveredCount" = f."deliveredCount" + w.delivered,
      "succeededCount" = f."succeededCount" + w.succeeded, "failedCount" = f."failedCount" + w.failed,
      "updatedAt" = now()
    FROM w, locked WHERE f.id = w.id AND locked.id = f.id
  )`

/** $1: rows, $2: logs, $3: payloads, as JSON; $4, $5, $6: the leases' flows, engines and fences. */
const RECORD = {
  name: 'record',
  text: `WITH lease AS (
    SELECT l."flowId"
    FROM unnest($4::uuid[], $5::uuid[], $6::int[]) AS w("flowId", "engineId", fence)
    JOIN "FlowLease" l ON l."flowId" = w."flowId" AND l."engineId" = w."engineId" AND l.fence = w.fence
    FOR SHARE OF l
  ), inserted AS (
    ${INTO_EXECUTION}
    FROM json_populate_recordset(NULL::"Execution", $1::json) AS r JOIN lease ON lease."flowId" = r."flowId"
    ON CONFLICT DO NOTHING
    RETURNING id, "flowId", status, "receivedAt"
  ), logs AS (
    INSERT INTO "ExecutionLog" ("executionId", stdout, stderr, "isTruncated")
    SELECT l."executionId", l.stdout, l.stderr, l."isTruncated"
    FROM json_populate_recordset(NULL::"ExecutionLog", $2::json) AS l JOIN inserted ON inserted.id = l."executionId"
  ), payloads AS (
    INSERT INTO "ExecutionPayload" ("executionId", part, "storageKey", "sizeBytes", "expiresAt")
    SELECT p."executionId", p.part, p."storageKey", p."sizeBytes", p."expiresAt"
    FROM json_populate_recordset(NULL::"ExecutionPayload", $3::json) AS p JOIN inserted ON inserted.id = p."executionId"
  ), w AS (
    SELECT "flowId" AS id, count(*)::int AS delivered, (count(*) FILTER (WHERE status = 'succeeded'))::int AS succeeded,
      (count(*) FILTER (WHERE status = 'failed'))::int AS failed, max("receivedAt") AS at
    FROM inserted GROUP BY "flowId"
  ), ${COUNT}
  SELECT id FROM inserted`,
}

/**
 * Writes rows with their logs, payloads and counts in one statement, which is one transaction and one round trip.
 * Rows of a flow whose lease is another's by now, and rows that are there already (in their id or as their message's
 * winner), are left out.
 * @returns the ids of those that are written
 */
export async function recordRows(client: Db, rows: LedgerRow[]): Promise<Set<string>> {
  const leases = leasesOf(rows)
  const { rows: written } = await poolOf(client).query<{ id: string }>({
    ...RECORD,
    values: [
      toJson(rows.map(({ execution }) => execution)),
      toJson(logsOf(rows)),
      toJson(rows.flatMap(({ payloads }) => payloads)),
      leases.map(({ flowId }) => flowId),
      leases.map(({ engineId }) => engineId),
      leases.map(({ fence }) => fence),
    ],
  })
  return new Set(written.map(({ id }) => id))
}

export function logsOf(rows: LedgerRow[]) {
  return rows.flatMap(({ execution, log }) => (log ? [{ executionId: execution.id, ...log }] : []))
}

export function leasesOf(rows: LedgerRow[]): LeaseMark[] {
  return [...new Map(rows.map(({ lease }) => [nameOfLease(lease), lease])).values()]
}

/** Inserts rows; returns the ids of those that were not there already, in their id or as their message's winner. */
export async function insertExecutions(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<Set<string>> {
  const inserted = await tx.$queryRawUnsafe<{ id: string }[]>(
    `${INTO_EXECUTION} FROM json_populate_recordset(NULL::"Execution", $1::json) AS r
    ON CONFLICT DO NOTHING
    RETURNING id`,
    toJson(rows.map(({ execution }) => execution)),
  )
  return new Set(inserted.map(({ id }) => id))
}

/** Half a character, which JSON writes as an escape and Postgres refuses; a backslash before it is another's. */
const LONE_SURROGATE = /\\\\|\\ud[89a-f][0-9a-f]{2}/g

function toJson(rows: object[]): string {
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  return text.replace(LONE_SURROGATE, (found) => (found.length === 2 ? found : '\uFFFD'))
}

const FIND_WINNERS = {
  name: 'find-winners',
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

const MARK_SETTLED = {
  name: 'mark-settled',
  text: `WITH marked AS (
    UPDATE "Execution" AS e SET settlement = s.settlement::"Settlement", "settledAt" = s.at
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS s(id, settlement, at)
    WHERE e.id = s.id
  ), w AS (
    SELECT id, count(*)::int AS more FROM unnest($4::uuid[]) AS w(id) GROUP BY id
  ), locked AS (
    SELECT f.id FROM "EventFlow" f JOIN w ON w.id = f.id ORDER BY f.id FOR NO KEY UPDATE OF f
  )
  UPDATE "EventFlow" f SET "deadLetteredCount" = f."deadLetteredCount" + w.more
  FROM w, locked WHERE f.id = w.id AND locked.id = f.id`,
}

/** Says in the executions' rows what became of their messages, and counts the dead-lettered of each flow. */
export async function markSettledRows(client: Db, items: SettledExecution[]): Promise<void> {
  await poolOf(client).query({
    ...MARK_SETTLED,
    values: [
      items.map(({ executionId }) => executionId),
      items.map(({ settlement }) => settlement),
      items.map(({ settledAt }) => settledAt.toISOString()),
      items.flatMap(({ isDeadLettered, flowId }) => (isDeadLettered ? [flowId] : [])),
    ],
  })
}

/** Adds to the flows' counts, and to those of this minute for the sparklines. */
export async function addToCounts(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<void> {
  const ofFlows = rows.filter(({ execution }) => execution.flowId !== null)
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
    groups.map(([, group]) => latestReceipt(group).toISOString()),
  )
}

function latestReceipt(rows: LedgerRow[]): Date {
  return new Date(Math.max(...rows.map(({ execution }) => (execution.receivedAt as Date).getTime())))
}
