import type { KeptPayload } from '@/lib/executions/payloads'
import { previewPayload, statusOf, storable } from '@/lib/executions/record'
import type { Prisma } from '@/lib/generated/prisma/client'
import type { ContentType } from '@/lib/generated/prisma/enums'
import { isoTime } from '@/lib/iso-time'
import type { Invocation, RunError } from '@/lib/runtime/port'
import type { LeaseMark } from './leases/lease'
import { jsonProperties } from './message-context'
import type { WantedFile } from './output/file-rows'
import type { DeliveryRecord } from './recorder'

/**
 * A delivery's row as JSON says it: numbers beyond JSON's and times as text, what is null left out. One shape for all,
 * written out below: objects that are copied key by key get a hidden class each, which slows all that reads them.
 */
export type ExecutionRow = {
  id: string
  source: 'flow'
  status: 'succeeded' | 'failed' | 'abandoned'
  algorithmId: string
  versionId: string | undefined
  commitSha: string
  callerId: string
  flowId: string | undefined
  messageId: string | undefined
  sequenceNumber: string
  deliveryCount: number
  enqueuedAt: string
  receivedAt: string
  winningSequenceNumber: string | undefined
  recordedAt: string
  deadLetterReason: string | undefined
  sessionId: string | undefined
  correlationId: string | undefined
  messageContentType: string | undefined
  applicationProperties: Prisma.InputJsonObject | undefined
  outputPath: string | undefined
  inputType: ContentType
  inputPreview: string
  inputBytes: number
  resultType: ContentType | undefined
  resultPreview: string | undefined
  resultBytes: number | undefined
  errorType: string | undefined
  errorMessage: string | undefined
  errorStack: string | undefined
  startedAt: string
  finishedAt: string
  durationMs: number | undefined
}

/** An execution's row with its log; `log` is null when the run wrote nothing. */
export type LedgerRow = {
  execution: ExecutionRow
  log: { stdout: string; stderr: string; isTruncated: boolean } | null
  payloads: KeptPayload[]
  lease: LeaseMark
  /** The result's file; of a winner only it gets a row. */
  output: WantedFile | null
}

export function toRow(record: DeliveryRecord): LedgerRow {
  const { key, result, input, message, output } = record
  const invocation = result.kind === 'invocation' ? result.invocation : undefined
  const status = result.kind === 'invocation' ? statusOf(result.invocation) : result.status
  const won = invocation?.ok ? invocation.result : undefined
  const error: Failure | undefined = result.kind === 'no_run' ? result.error : errorOf(result.invocation)
  const sequenceNumber = String(key.sequenceNumber)
  return {
    execution: {
      id: record.executionId,
      source: 'flow',
      status,
      algorithmId: record.algorithmId,
      versionId: record.versionId ?? undefined,
      commitSha: record.commitSha,
      callerId: record.callerId,
      flowId: key.flowId,
      messageId: textOf(message.messageId),
      sequenceNumber,
      deliveryCount: record.attempt,
      enqueuedAt: isoTime(key.enqueuedAt),
      receivedAt: isoTime(record.receivedAt),
      winningSequenceNumber: status === 'succeeded' ? sequenceNumber : undefined,
      recordedAt: isoTime(new Date()),
      deadLetterReason: textOf(record.deadLetterReason),
      sessionId: textOf(message.sessionId),
      correlationId: textOf(message.correlationId),
      messageContentType: textOf(message.contentType),
      applicationProperties: propertiesOf(message),
      outputPath: output ? storable(output.uri) : undefined,
      inputType: input.type,
      inputPreview: previewPayload(input),
      inputBytes: input.bytes.length,
      resultType: won?.type,
      resultPreview: won && previewPayload(won),
      resultBytes: won?.bytes.length,
      errorType: textOf(error?.errorType),
      errorMessage: textOf(error?.message),
      errorStack: textOf(error?.stackTrace),
      startedAt: isoTime(record.startedAt),
      finishedAt: isoTime(record.finishedAt),
      durationMs: invocation?.durationMs,
    },
    log: invocation ? logOf(invocation) : null,
    payloads: record.payloads,
    lease: record.lease,
    output: output && { flowOwnerId: record.callerId, file: output.file },
  }
}

type Failure = Pick<RunError, 'errorType' | 'message' | 'stackTrace'>

function errorOf(invocation: Invocation): Failure | undefined {
  return invocation.ok ? undefined : invocation.error
}

function textOf(text: string | null | undefined): string | undefined {
  return text == null ? undefined : storable(text)
}

function logOf({ stdout, stderr, isTruncated }: Invocation): LedgerRow['log'] {
  return stdout || stderr ? { stdout: storable(stdout), stderr: storable(stderr), isTruncated } : null
}

function propertiesOf({ properties }: DeliveryRecord['message']): Prisma.InputJsonObject | undefined {
  for (const _ in properties) return storableJson(jsonProperties(properties))
  return undefined
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
