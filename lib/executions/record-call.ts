import { type Db, poolOf } from '@/lib/db'
import type { KeptPayload } from './payloads'
import type { toExecutionColumns } from './record'

/** A call that has ended, as it goes into the ledger. */
export type CallRow = {
  id: string
  source: 'api' | 'console'
  algorithmId: string
  versionId: string | null
  commitSha: string
  callerId: string
  startedAt: Date
} & ReturnType<typeof toExecutionColumns>

/** Prepared by name: it looks into nothing, so no plan can be a bad one later. */
const RECORD_CALL = {
  name: 'record-call',
  text: `WITH inserted AS (
    INSERT INTO "Execution" (id, source, status, "algorithmId", "versionId", "commitSha", "callerId", "startedAt",
      "finishedAt", "recordedAt", "durationMs", "inputType", "inputPreview", "inputBytes", "resultType",
      "resultPreview", "resultBytes", "errorType", "errorMessage", "errorStack")
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
  ), payloads AS (
    INSERT INTO "ExecutionPayload" ("executionId", part, "storageKey", "sizeBytes", "expiresAt")
    SELECT $1, p.* FROM unnest($23::"PayloadPart"[], $24::text[], $25::int[], $26::timestamptz[]) AS p
  )
  INSERT INTO "ExecutionLog" ("executionId", stdout, stderr, "isTruncated") VALUES ($1, $20, $21, $22)`,
}

/** Writes a call with its log and its payloads in one statement, which is one transaction and one round trip. */
export async function recordCallRow(client: Db, row: CallRow, payloads: KeptPayload[]): Promise<void> {
  const { execution, log } = row
  const values = [
    ...[row.id, row.source, execution.status, row.algorithmId, row.versionId, row.commitSha, row.callerId],
    ...[row.startedAt, new Date(), execution.durationMs],
    ...[execution.inputType, execution.inputPreview, execution.inputBytes],
    ...[execution.resultType ?? null, execution.resultPreview ?? '', execution.resultBytes ?? 0],
    ...[execution.errorType ?? null, execution.errorMessage ?? null, execution.errorStack ?? null],
    ...[log.stdout, log.stderr, log.isTruncated],
    payloads.map(({ part }) => part),
    payloads.map(({ storageKey }) => storageKey),
    payloads.map(({ sizeBytes }) => sizeBytes),
    payloads.map(({ expiresAt }) => expiresAt),
  ]
  await poolOf(client).query({ ...RECORD_CALL, values })
}
