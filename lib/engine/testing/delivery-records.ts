import { randomBytes } from 'node:crypto'
import type { Db } from '@/lib/db'
import { newExecutionId } from '@/lib/executions/id'
import { withSettlements } from '@/lib/executions/settlements'
import type { Invocation } from '@/lib/runtime/port'
import type { DeliveryRecord } from '../recorder'
import { connectFlow, makeAlgorithmRow, publishRow, takeLease } from './ledger-fixture'

const CONNECTION_STRING =
  'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=k;SharedAccessKey=a2V5;UseDevelopmentEmulator=true'
const ENQUEUED_AT = new Date('2026-01-02T03:04:05.678Z')

const report = { durationMs: 1, queuedMs: 0, isColdStart: false, stdout: '', stderr: '', isTruncated: false }
const succeeded = (): Invocation => ({ ...report, ok: true, result: { type: 'json', bytes: Buffer.from('"out"') } })
export const failed = (): Invocation => ({
  ...report,
  ok: false,
  error: { kind: 'algorithm_error', errorType: 'ValueError', message: 'no' },
})

export const messageOf = (sequenceNumber: number): DeliveryRecord['message'] => ({
  messageId: `message ${sequenceNumber}`,
  sequenceNumber: BigInt(sequenceNumber),
  enqueuedAt: ENQUEUED_AT,
  contentType: null,
  sessionId: null,
  correlationId: null,
  properties: {},
})

/** A flow that some engine has, and what that engine would record of its messages: successes unless told otherwise. */
export async function makeRecordedFlow(db: Db) {
  const algorithm = await makeAlgorithmRow(db)
  const versionId = await publishRow(db, algorithm.id)
  const flow = await connectFlow(db, algorithm, {
    connectionString: CONNECTION_STRING,
    queueName: `queue-${randomBytes(4).toString('hex')}`,
  })
  const lease = await takeLease(db, flow.id)
  const record = (sequenceNumber: number, more: Partial<DeliveryRecord> = {}): DeliveryRecord => ({
    executionId: newExecutionId(),
    key: { flowId: flow.id, sequenceNumber: BigInt(sequenceNumber), enqueuedAt: ENQUEUED_AT },
    lease,
    algorithmId: algorithm.id,
    versionId,
    commitSha: 'c'.repeat(40),
    callerId: algorithm.ownerId,
    message: messageOf(sequenceNumber),
    attempt: 1,
    receivedAt: new Date(),
    startedAt: new Date(),
    finishedAt: new Date(),
    input: { type: 'text', bytes: Buffer.from('in') },
    payloads: [],
    result: { kind: 'invocation', invocation: succeeded() },
    output: null,
    deadLetterReason: null,
    ...more,
  })
  return {
    flowId: flow.id,
    algorithmId: algorithm.id,
    ownerId: algorithm.ownerId,
    record,
    rows: async () => {
      const where = { algorithmId: algorithm.id }
      return withSettlements(db, await db.execution.findMany({ where, orderBy: { id: 'asc' } }))
    },
    flow: () => db.eventFlow.findUniqueOrThrow({ where: { id: flow.id } }),
  }
}
