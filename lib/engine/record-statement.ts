import { type Db, poolOf } from '@/lib/db'
import type { LeaseMark } from './leases/lease'
import { nameOfLease } from './leases/lease-store'
import type { LedgerRow } from './ledger-rows'
import { FILE_JSON, fileColumns, fileJson, INTO_DATA_FILE, REPLACING_FILE } from './output/file-rows'

/** Columns of a delivery's row. What a row does not name is null, but for the two that must not be. */
const COLUMNS = [
  ...['id', 'source', 'status', 'algorithmId', 'versionId', 'commitSha', 'callerId', 'flowId'],
  ...['messageId', 'sequenceNumber', 'deliveryCount', 'enqueuedAt', 'receivedAt', 'winningSequenceNumber'],
  ...['recordedAt', 'deadLetterReason', 'sessionId', 'correlationId', 'messageContentType', 'applicationProperties'],
  ...['outputPath', 'inputType', 'inputPreview', 'inputBytes', 'resultType', 'errorType', 'errorMessage', 'errorStack'],
  ...['startedAt', 'finishedAt', 'durationMs'],
]

const quoted = (prefix: string) => COLUMNS.map((column) => `${prefix}"${column}"`).join(', ')

/** Rows come from `r`, whose columns are those of the table. */
export const INTO_EXECUTION = `INSERT INTO "Execution" (${quoted('')}, "resultPreview", "resultBytes")
  SELECT ${quoted('r.')}, coalesce(r."resultPreview", ''), coalesce(r."resultBytes", 0)`

/**
 * Adds what `w` (id, delivered, succeeded, failed, at) says to the flows' counts, and to those of this minute for the
 * sparklines. Locks in the order of the ids, so that engines do not wait for each other in a circle.
 */
export const COUNT = `locked AS (
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

const LEASE = `lease AS (
    SELECT l."flowId"
    FROM unnest($4::uuid[], $5::uuid[], $6::int[]) AS w("flowId", "engineId", fence)
    JOIN "FlowLease" l ON l."flowId" = w."flowId" AND l."engineId" = w."engineId" AND l.fence = w.fence
    FOR SHARE OF l
  )`

const FROM_ENTITLED =
  'FROM json_populate_recordset(NULL::"Execution", $1::json) AS r JOIN lease ON lease."flowId" = r."flowId"'

const RETURNING = 'ON CONFLICT DO NOTHING RETURNING id, "flowId", status, "receivedAt"'

/** Logs, payloads and counts of what is inserted. */
const ALONG = `logs AS (
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
  ), ${COUNT}`

/**
 * $1: rows, $2: logs, $3: payloads, as JSON; $4, $5, $6: the leases' flows, engines and fences. Keeps the leases until
 * the commit: who takes one waits, or was first. It looks into small tables only, so that a plan that was made once
 * stays good, and it is prepared by name.
 */
const RECORD = {
  name: 'record',
  text: `WITH ${LEASE}, inserted AS (${INTO_EXECUTION} ${FROM_ENTITLED} ${RETURNING}), ${ALONG}
  SELECT id, NULL AS "collectionId", NULL AS "formerKey" FROM inserted`,
}

/**
 * The same, and $7: results' files, as JSON. Keeps the collections too. What replaces a file locks in the order of the
 * names, so that engines do not wait for each other in a circle. Its plan stays good as well: among the files, which
 * grow without bound, it goes by the index of their names, since that is what finds a conflict.
 */
const RECORD_WITH_FILES = {
  name: 'record-with-files',
  text: `WITH ${LEASE}, file AS (
    SELECT * FROM json_to_recordset($7::json) AS f("executionId" uuid, "flowOwnerId" uuid, "ownerKey" text,
      collection text, ${FILE_JSON})
  ), place AS (
    SELECT c.id, p."flowOwnerId", p."ownerKey", p.collection
    FROM (SELECT DISTINCT "flowOwnerId", "ownerKey", collection FROM file) AS p
    JOIN "Account" a ON a."nameKey" = p."ownerKey"
    JOIN "Collection" c ON c."ownerId" = a.id AND c."ownerId" = p."flowOwnerId" AND c.name = p.collection
    ORDER BY c.id
    FOR SHARE OF c
  ), placed AS (
    SELECT file.*, place.id AS "collectionId" FROM file JOIN place USING ("flowOwnerId", "ownerKey", collection)
  ), inserted AS (
    ${INTO_EXECUTION} ${FROM_ENTITLED}
    WHERE r."outputPath" IS NULL OR r.id IN (SELECT "executionId" FROM placed)
    ${RETURNING}
  ), named AS (
    ${INTO_DATA_FILE}
    SELECT gen_random_uuid(), p."collectionId", ${fileColumns('p')}, now()
    FROM placed p JOIN inserted ON inserted.id = p."executionId"
    ORDER BY p."collectionId", p.name
    ${REPLACING_FILE}
    RETURNING "collectionId", "replacedKey"
  ), ${ALONG}
  SELECT id, NULL::uuid AS "collectionId", NULL AS "formerKey" FROM inserted
  UNION ALL SELECT DISTINCT NULL::uuid, "collectionId", "replacedKey" FROM named`,
}

/** An execution that was written; or, without its id, where files were written, and an object that they replaced. */
export type WrittenRow = { id: string | null; collectionId: string | null; formerKey: string | null }

/**
 * Writes rows with their logs, payloads, files and counts in one statement, which is one transaction and one round
 * trip. Rows of a flow whose lease is another's by now, rows that are there already (in their id or as their message's
 * winner), and rows whose collection is not there are left out. No two rows may name the same file.
 * @returns those that are written, and what became of their files
 */
export async function recordRows(client: Db, rows: LedgerRow[]): Promise<WrittenRow[]> {
  const leases = leasesOf(rows)
  const files = rows.flatMap(fileOf)
  const values = [
    executionsJson(rows),
    toJson(logsOf(rows)),
    toJson(rows.flatMap(({ payloads }) => payloads)),
    leases.map(({ flowId }) => flowId),
    leases.map(({ engineId }) => engineId),
    leases.map(({ fence }) => fence),
  ]
  const query = files.length > 0 ? { ...RECORD_WITH_FILES, values: [...values, toJson(files)] } : { ...RECORD, values }
  const { rows: written } = await poolOf(client).query<WrittenRow>(query)
  return written
}

function fileOf({ execution, output }: LedgerRow) {
  if (!output) return []
  const { flowOwnerId, file } = output
  return [{ ...fileJson(file), executionId: execution.id, flowOwnerId, ownerKey: file.owner.toLowerCase() }]
}

export function logsOf(rows: LedgerRow[]) {
  return rows.flatMap(({ execution, log }) => (log ? [{ executionId: execution.id, ...log }] : []))
}

export function leasesOf(rows: LedgerRow[]): LeaseMark[] {
  // Nearly always one flow's tenure, in one and the same object.
  const marks = new Set(rows.map(({ lease }) => lease))
  return marks.size === 1 ? [...marks] : [...new Map([...marks].map((mark) => [nameOfLease(mark), mark])).values()]
}

/** Half a character, which JSON writes as an escape and Postgres refuses; a backslash before it is another's. */
const LONE_SURROGATE = /\\\\|\\ud[89a-f][0-9a-f]{2}/g

/** Executions as a parameter for `json_populate_recordset`. */
export const executionsJson = (rows: LedgerRow[]): string => toJson(rows.map(({ execution }) => execution))

function toJson(rows: object[]): string {
  const text = JSON.stringify(rows)
  if (!text.includes('\\ud')) return text
  return text.replace(LONE_SURROGATE, (found) => (found.length === 2 ? found : '\uFFFD'))
}
