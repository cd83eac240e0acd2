import type { Db } from '@/lib/db'
import { inputColumns, storable, toExecutionColumns } from '@/lib/executions/record'
import { Prisma } from '@/lib/generated/prisma/client'
import { groupBy } from './group-by'
import type { LeaseMark } from './leases/lease'
import { findLapsed, nameOfLease } from './leases/lease-store'
import type { DeliveryRecord, RecordAnswer } from './recorder'

/** An execution's row with its log; `log` is null when the run wrote nothing. */
type LedgerRow = {
  execution: Prisma.ExecutionCreateManyInput & { id: string; flowId: string | null }
  log: { stdout: string; stderr: string; isTruncated: boolean } | null
  lease: LeaseMark
}

/** What became of rows other than being recorded as they are, by execution id. */
type Setbacks = Map<string, Exclude<RecordAnswer, 'recorded'>>

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
      messageId: record.messageId === null ? null : storable(record.messageId),
      deliveryCount: record.attempt,
      receivedAt: record.receivedAt,
      startedAt: record.startedAt,
      finishedAt: record.finishedAt,
      deadLetterReason: record.deadLetterReason === null ? null : storable(record.deadLetterReason),
    },
    log: columns.log && (columns.log.stdout || columns.log.stderr) ? columns.log : null,
    lease: record.lease,
  }
}

function noRunColumns({ status, error }: Extract<DeliveryRecord['result'], { kind: 'no_run' }>) {
  return { status, errorType: error.errorType, errorMessage: storable(error.message) }
}

/**
 * Writes rows, logs and the flows' counts in one transaction.
 * @returns those that are there without a win although they may have succeeded, and why
 */
export async function writeRecords(client: Db, rows: LedgerRow[]): Promise<Setbacks> {
  if (rows.length === 0) return new Map()
  try {
    return await client.$transaction((tx) => writeRows(tx, rows))
  } catch (error) {
    if (!isForeignKeyError(error)) throw error
    // A flow, a version or the algorithm was deleted while its last messages were in work.
    const kept = await withoutDeleted(client, rows)
    return kept.length > 0 ? await client.$transaction((tx) => writeRows(tx, kept)) : new Map()
  }
}

async function writeRows(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<Setbacks> {
  const setbacks: Setbacks = new Map()
  const lapsed = await findLapsed(tx, leasesOf(rows))
  const entitled = rows.map((row) => (lapsed.has(nameOfLease(row.lease)) ? setBack(row, 'lapsed', setbacks) : row))
  const inserted = await insertRows(tx, entitled)
  const refused = entitled.filter(({ execution }) => !inserted.has(execution.id))
  // A row that is there already was committed by an earlier try whose answer got lost.
  const known = refused.length > 0 ? await existingIds(tx, refused) : new Set<string>()
  const losers = refused
    .filter(({ execution }) => !known.has(execution.id))
    .map((row) => setBack(row, 'lost_race', setbacks))
  if (losers.length > 0) await insertRows(tx, losers)
  const written = [...entitled.filter(({ execution }) => inserted.has(execution.id)), ...losers]
  await insertLogs(tx, written)
  await addToCounts(tx, written)
  return setbacks
}

function leasesOf(rows: LedgerRow[]): LeaseMark[] {
  return [...new Map(rows.map(({ lease }) => [nameOfLease(lease), lease])).values()]
}

async function insertRows(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<Set<string>> {
  const inserted = await tx.execution.createManyAndReturn({
    data: rows.map(({ execution }) => execution),
    skipDuplicates: true,
    select: { id: true },
  })
  return new Set(inserted.map(({ id }) => id))
}

async function existingIds(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<Set<string>> {
  const ids = rows.map(({ execution }) => execution.id)
  const found = await tx.execution.findMany({ where: { id: { in: ids } }, select: { id: true } })
  return new Set(found.map(({ id }) => id))
}

const SETBACKS = {
  lost_race: {
    errorType: 'LostRace',
    errorMessage: 'Another run of the same message had succeeded before; this result was set aside.',
  },
  lapsed: {
    errorType: 'LeaseLapsed',
    errorMessage:
      'Another engine had taken the event flow over before this run was recorded; it runs the message again.',
  },
} as const

function setBack(row: LedgerRow, why: keyof typeof SETBACKS, setbacks: Setbacks): LedgerRow {
  setbacks.set(row.execution.id, why)
  return {
    ...row,
    execution: { ...row.execution, winningSequenceNumber: null, status: 'abandoned', ...SETBACKS[why] },
  }
}

async function insertLogs(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<void> {
  const data = rows.flatMap(({ execution, log }) => (log ? [{ executionId: execution.id, ...log }] : []))
  if (data.length > 0) await tx.executionLog.createMany({ data })
}

async function addToCounts(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<void> {
  const byFlow = groupBy(rows, ({ execution }) => execution.flowId)
  // Always in the same order: two engines that update the same flows do not wait for each other in a circle.
  for (const [flowId, group] of [...byFlow].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))) {
    if (flowId === null) continue
    const count = (status: string) => group.filter(({ execution }) => execution.status === status).length
    await tx.eventFlow.updateMany({
      where: { id: flowId },
      data: {
        lastDeliveryAt: latest(group.map(({ execution }) => execution.receivedAt as Date)),
        deliveredCount: { increment: group.length },
        succeededCount: { increment: count('succeeded') },
        failedCount: { increment: count('failed') },
      },
    })
  }
}

const latest = (times: Date[]): Date => new Date(Math.max(...times.map((time) => time.getTime())))

async function withoutDeleted(client: Db, rows: LedgerRow[]): Promise<LedgerRow[]> {
  const ids = (pick: (row: LedgerRow) => string | null | undefined) => [
    ...new Set(rows.map(pick).filter((id): id is string => typeof id === 'string')),
  ]
  const select = { id: true } as const
  const [algorithms, flows, versions] = await Promise.all([
    client.algorithm.findMany({ where: { id: { in: ids((row) => row.execution.algorithmId) } }, select }),
    client.eventFlow.findMany({ where: { id: { in: ids((row) => row.execution.flowId) } }, select }),
    client.version.findMany({ where: { id: { in: ids((row) => row.execution.versionId) } }, select }),
  ])
  const existing = new Set([...algorithms, ...flows, ...versions].map(({ id }) => id))
  const orNull = (id: string | null | undefined) => (id && existing.has(id) ? id : null)
  return rows
    .filter(({ execution }) => existing.has(execution.algorithmId))
    .map(({ execution, ...row }) => ({
      ...row,
      execution: { ...execution, flowId: orNull(execution.flowId), versionId: orNull(execution.versionId) },
    }))
}

function isForeignKeyError(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003'
}
