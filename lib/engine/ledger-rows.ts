import type { KeptPayload } from '@/lib/executions/payloads'
import { inputColumns, storable, toExecutionColumns } from '@/lib/executions/record'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { LeaseMark } from './leases/lease'
import { jsonProperties } from './message-context'
import type { WantedFile } from './output/file-rows'
import type { DeliveryRecord } from './recorder'

/** An execution's row with its log; `log` is null when the run wrote nothing. */
export type LedgerRow = {
  execution: Prisma.ExecutionCreateManyInput & { id: string; flowId: string | null }
  log: { stdout: string; stderr: string; isTruncated: boolean } | null
  payloads: KeptPayload[]
  lease: LeaseMark
  /** The result's file; of a winner only it gets a row. */
  output: WantedFile | null
}

export function toRow(record: DeliveryRecord): LedgerRow {
  const { key, result, input } = record
  const columns =
    result.kind === 'invocation'
      ? toExecutionColumns(result.invocation, input)
      : { execution: { ...inputColumns(input), ...noRunColumns(result) }, log: null }
  const status = columns.execution.status
  return {
    execution: {
      ...columns.execution,
      id: record.executionId,
      source: 'flow',
      flowId: key.flowId,
      sequenceNumber: key.sequenceNumber,
      enqueuedAt: key.enqueuedAt,
      winningSequenceNumber: status === 'succeeded' ? key.sequenceNumber : null,
      algorithmId: record.algorithmId,
      versionId: record.versionId,
      commitSha: record.commitSha,
      callerId: record.callerId,
      ...messageColumns(record.message),
      deliveryCount: record.attempt,
      receivedAt: record.receivedAt,
      startedAt: record.startedAt,
      finishedAt: record.finishedAt,
      recordedAt: new Date(),
      outputPath: record.output ? storable(record.output.uri) : null,
      deadLetterReason: record.deadLetterReason === null ? null : storable(record.deadLetterReason),
    },
    log: columns.log && (columns.log.stdout || columns.log.stderr) ? columns.log : null,
    payloads: record.payloads,
    lease: record.lease,
    output: record.output && { flowOwnerId: record.callerId, file: record.output.file },
  }
}

function messageColumns({ messageId, sessionId, correlationId, contentType, properties }: DeliveryRecord['message']) {
  const orNull = (text: string | null) => (text === null ? null : storable(text))
  const values = jsonProperties(properties)
  return {
    messageId: orNull(messageId),
    sessionId: orNull(sessionId),
    correlationId: orNull(correlationId),
    messageContentType: orNull(contentType),
    ...(Object.keys(values).length > 0 && { applicationProperties: storableJson(values) }),
  }
}

/** Postgres' JSON holds no NUL either. */
export function storableJson(values: ReturnType<typeof jsonProperties>): Prisma.InputJsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      storable(name),
      typeof value === 'string' ? storable(value) : value,
    ]),
  )
}

function noRunColumns({ status, error }: Extract<DeliveryRecord['result'], { kind: 'no_run' }>) {
  return { status, errorType: error.errorType, errorMessage: storable(error.message) }
}
