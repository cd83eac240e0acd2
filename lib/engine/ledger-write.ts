import { storageKeysOf } from '@/lib/data/contents'
import type { Db } from '@/lib/db'
import type { Prisma } from '@/lib/generated/prisma/client'
import { isForeignKeyError } from './database-watch'
import { findLapsed, nameOfLease } from './leases/lease-store'
import type { LedgerRow } from './ledger-rows'
import { addToCounts, insertExecutions } from './ledger-statements'
import { holdCollections, placeOf, writeFileRows } from './output/file-rows'
import { leasesOf, logsOf, recordRows } from './record-statement'
import type { RecordAnswer } from './recorder'

/** What became of a batch. */
export type WrittenRecords = {
  /** Of rows other than those that are recorded as they are, by execution id. */
  setbacks: Map<string, Exclude<RecordAnswer, 'recorded'>>
  /** Objects that no row names any more. */
  unnamedKeys: string[]
  /** Those that have a file more. */
  collectionIds: Set<string>
}

/**
 * Writes rows, logs, the results' files and the flows' counts. What is usual goes in one statement, what that leaves out
 * in one transaction.
 */
export async function writeRecords(client: Db, all: LedgerRow[]): Promise<WrittenRecords> {
  const usual = await recordUsual(client, all)
  const rows = all.filter(({ execution }) => !usual.ids.has(execution.id))
  if (rows.length === 0) return usual
  const { setbacks, unnamedKeys, collectionIds } = await recordOthers(client, rows)
  return {
    setbacks,
    unnamedKeys: [...usual.unnamedKeys, ...unnamedKeys],
    collectionIds: new Set([...usual.collectionIds, ...collectionIds]),
  }
}

async function recordUsual(client: Db, all: LedgerRow[]): Promise<WrittenRecords & { ids: Set<string> }> {
  const rows = areUsual(all) ? await recordRows(client, all).catch(noneOfDeleted) : []
  const orNone = (value: string | null) => (value === null ? [] : [value])
  return {
    ...nothingWritten(),
    ids: new Set(rows.flatMap(({ id }) => orNone(id))),
    unnamedKeys: rows.flatMap(({ formerKey }) => orNone(formerKey)),
    collectionIds: new Set(rows.flatMap(({ collectionId }) => orNone(collectionId))),
  }
}

/**
 * Not when a flow was lost and taken again meanwhile, so that rows of two leases are to be told apart, nor when two
 * messages of a batch have the same name for their results.
 */
function areUsual(rows: LedgerRow[]): boolean {
  const flowIds = new Set(rows.map(({ lease }) => lease.flowId))
  const files = rows.flatMap(({ output }) => (output ? [output] : []))
  const names = new Set(files.map((file) => `${placeOf(file)} ${file.file.name}`))
  return rows.length > 0 && leasesOf(rows).length === flowIds.size && names.size === files.length
}

function noneOfDeleted(error: unknown): [] {
  if (isForeignKeyError(error)) return []
  throw error
}

async function recordOthers(client: Db, rows: LedgerRow[]): Promise<WrittenRecords> {
  try {
    return await client.$transaction((tx) => writeRows(tx, rows))
  } catch (error) {
    if (!isForeignKeyError(error)) throw error
    // A flow, a version or the algorithm was deleted while its last messages were in work.
    const kept = await withoutDeleted(client, rows)
    const written = kept.length > 0 ? await client.$transaction((tx) => writeRows(tx, kept)) : nothingWritten()
    return withDeleted(written, rows, kept)
  }
}

/** What an algorithm left that is gone with all its executions. */
function withDeleted(written: WrittenRecords, rows: LedgerRow[], kept: LedgerRow[]): WrittenRecords {
  const keptIds = new Set(kept.map(({ execution }) => execution.id))
  const deleted = rows.filter(({ execution }) => !keptIds.has(execution.id))
  for (const { execution } of deleted) written.setbacks.set(execution.id, 'deleted')
  const keys = deleted.flatMap(({ output, payloads }) => [
    ...storageKeysOf(output ? [output.file] : []),
    ...storageKeysOf(payloads),
  ])
  return { ...written, unnamedKeys: [...written.unnamedKeys, ...keys] }
}

const nothingWritten = (): WrittenRecords => ({ setbacks: new Map(), unnamedKeys: [], collectionIds: new Set() })

async function writeRows(tx: Prisma.TransactionClient, all: LedgerRow[]): Promise<WrittenRecords> {
  const setbacks: WrittenRecords['setbacks'] = new Map()
  const { rows, collectionOf } = await withPlace(tx, all, setbacks)
  const lapsed = await findLapsed(tx, leasesOf(rows))
  const entitled = rows.map((row) => (lapsed.has(nameOfLease(row.lease)) ? setBack(row, 'lapsed', setbacks) : row))
  const inserted = await insertExecutions(tx, entitled)
  const refused = entitled.filter(({ execution }) => !inserted.has(execution.id))
  // A row that is there already was committed by an earlier try whose answer got lost.
  const known = refused.length > 0 ? await existingIds(tx, refused) : new Set<string>()
  const losers = refused
    .filter(({ execution }) => !known.has(execution.id))
    .map((row) => setBack(row, 'lost_race', setbacks))
  if (losers.length > 0) await insertExecutions(tx, losers)
  const written = [...entitled.filter(({ execution }) => inserted.has(execution.id)), ...losers]
  await insertLogs(tx, written)
  await insertPayloads(tx, written)
  await addToCounts(tx, written)
  return { setbacks, ...(await writeFiles(tx, written, collectionOf)) }
}

type CollectionOf = Awaited<ReturnType<typeof holdCollections>>

/** Leaves out those whose result has no place: they are not recorded, and wait for one. */
async function withPlace(tx: Prisma.TransactionClient, all: LedgerRow[], setbacks: WrittenRecords['setbacks']) {
  const wanted = all.flatMap(({ output }) => (output ? [output] : []))
  const collectionOf: CollectionOf = wanted.length > 0 ? await holdCollections(tx, wanted) : () => undefined
  const rows = all.filter(({ output, execution }) => {
    if (!output || collectionOf(output)) return true
    setbacks.set(execution.id, 'no_output_place')
    return false
  })
  return { rows, collectionOf }
}

/** Winners' results get their files; the bytes of the others are nobody's. */
async function writeFiles(tx: Prisma.TransactionClient, written: LedgerRow[], collectionOf: CollectionOf) {
  const isWinner = ({ execution }: LedgerRow) => execution.winningSequenceNumber !== undefined
  const files = written.filter(isWinner).flatMap(({ output }) => {
    const collectionId = output && collectionOf(output)
    return collectionId ? [{ collectionId, file: output.file }] : []
  })
  const replacedKeys = await writeFileRows(tx, files)
  const setBack = written.filter((row) => !isWinner(row)).flatMap(({ output }) => (output ? [output.file] : []))
  return {
    unnamedKeys: [...replacedKeys, ...storageKeysOf(setBack)],
    collectionIds: new Set(files.map(({ collectionId }) => collectionId)),
  }
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

function setBack(row: LedgerRow, why: keyof typeof SETBACKS, setbacks: WrittenRecords['setbacks']): LedgerRow {
  setbacks.set(row.execution.id, why)
  return {
    ...row,
    execution: {
      ...row.execution,
      winningSequenceNumber: undefined,
      outputPath: undefined,
      status: 'abandoned',
      ...SETBACKS[why],
    },
  }
}

async function insertLogs(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<void> {
  const data = logsOf(rows)
  if (data.length > 0) await tx.executionLog.createMany({ data })
}

async function insertPayloads(tx: Prisma.TransactionClient, rows: LedgerRow[]): Promise<void> {
  const data = rows.flatMap(({ payloads }) => payloads)
  if (data.length > 0) await tx.executionPayload.createMany({ data, skipDuplicates: true })
}

async function withoutDeleted(client: Db, rows: LedgerRow[]): Promise<LedgerRow[]> {
  const ids = (pick: (row: LedgerRow) => string | undefined) => [
    ...new Set(rows.map(pick).filter((id): id is string => typeof id === 'string')),
  ]
  const select = { id: true } as const
  const [algorithms, flows, versions] = await Promise.all([
    client.algorithm.findMany({ where: { id: { in: ids((row) => row.execution.algorithmId) } }, select }),
    client.eventFlow.findMany({ where: { id: { in: ids((row) => row.execution.flowId) } }, select }),
    client.version.findMany({ where: { id: { in: ids((row) => row.execution.versionId) } }, select }),
  ])
  const existing = new Set([...algorithms, ...flows, ...versions].map(({ id }) => id))
  const ifThere = (id: string | undefined) => (id && existing.has(id) ? id : undefined)
  return rows
    .filter(({ execution }) => existing.has(execution.algorithmId))
    .map(({ execution, ...row }) => ({
      ...row,
      execution: { ...execution, flowId: ifThere(execution.flowId), versionId: ifThere(execution.versionId) },
    }))
}
