import { type Abortable, orAborted } from '@/lib/abortable'
import { deleteObjects } from '@/lib/data/objects'
import type { Db } from '@/lib/db'
import { db } from '@/lib/db'
import { PREVIEW_BYTES } from '@/lib/executions/record'
import { publishLive } from '@/lib/live/bus'
import { MIB } from '@/lib/runtime/limits'
import { metrics } from '@/lib/telemetry/registry'
import { createBatcher } from './batcher'
import { type DatabaseWatch, isAboutData } from './database-watch'
import { toRow } from './ledger-rows'
import { findHighestNumber, findWinnersOf, markSettledRows } from './ledger-statements'
import { writeRecords } from './ledger-write'
import type { DeliveryRecord, MessageKey, RecordAnswer, Recorder, SettledExecution } from './recorder'

const MAX_BATCH = 200
/** Of what rows and logs hold: as JSON it may be six times as long, and it is one string. */
const MAX_BATCH_BYTES = 16 * MIB
/** A message is done with before its settlement is written: nobody waits for that. */
const SETTLEMENT_GATHER_MS = 25
/** A batch costs Postgres about as much as ten of its rows: worth a short wait when several come. */
const BUSY_GATHER_MS = 5

type Wanted<T> = { what: T; signal: Abortable }

/** The Recorder on Prisma: lookups, records and settlements each go in batches, one transaction a batch. */
export function createLedger(watch: DatabaseWatch): Recorder & { close(): Promise<void> } {
  let isClosed = false
  const insist = <T>(items: { signal: Abortable }[], work: (db: Db) => Promise<T>) =>
    watch.insist(
      () => work(db()),
      () => !isClosed && items.some(({ signal }) => !signal.aborted),
    )

  const winners = createBatcher<Wanted<MessageKey>, string | null>(
    (items) => measured('lookup', items, () => insist(items, (client) => findWinners(client, items))),
    { maxItems: MAX_BATCH, busyGatherMs: BUSY_GATHER_MS },
  )
  const records = createBatcher<Wanted<DeliveryRecord>, RecordAnswer>(
    (items) => measured('record', items, () => insist(items, (client) => recordAll(client, items))),
    {
      maxItems: MAX_BATCH,
      weigh: ({ what }) => weightOf(what),
      maxWeight: MAX_BATCH_BYTES,
      isOfOneItem: isAboutData,
      busyGatherMs: BUSY_GATHER_MS,
    },
  )
  const settlements = createBatcher<SettledExecution, undefined>(
    (items) => measured('settlement', items, () => writeSettlements(watch, items, () => !isClosed)),
    { maxItems: MAX_BATCH, gatherMs: SETTLEMENT_GATHER_MS },
  )
  return {
    get isAway() {
      return watch.isAway
    },
    findHighestNumber: (flowId, signal) =>
      orAborted(
        insist([{ signal }], (client) => findHighestNumber(client, flowId)),
        signal,
      ),
    findWinner: (what, signal) => orAborted(winners.add({ what, signal }), signal),
    record: (what, signal) => orAborted(records.add({ what, signal }), signal),
    markSettled: (settled) => void settlements.add(settled).catch(() => {}),
    close: async () => {
      isClosed = true
      await Promise.all([winners.whenIdle(), records.whenIdle(), settlements.whenIdle()])
    },
  }
}

/** About how many bytes a record takes in its rows. */
function weightOf({ input, result }: DeliveryRecord): number {
  const inputBytes = Math.min(input.bytes.length, PREVIEW_BYTES)
  if (result.kind === 'no_run') return inputBytes
  const { invocation } = result
  const resultBytes = invocation.ok ? Math.min(invocation.result.bytes.length, PREVIEW_BYTES) : 0
  return inputBytes + resultBytes + invocation.stdout.length + invocation.stderr.length
}

async function measured<T>(kind: string, items: unknown[], work: () => Promise<T>): Promise<T> {
  metrics().ledgerBatchSize.observe({ kind }, items.length)
  const end = metrics().ledgerSeconds.startTimer({ kind })
  try {
    return await work()
  } finally {
    end()
  }
}

async function findWinners(client: Db, items: Wanted<MessageKey>[]): Promise<(string | null)[]> {
  const winners = await findWinnersOf(
    client,
    items.map(({ what }) => what),
  )
  return items.map((_, place) => winners.get(place) ?? null)
}

async function recordAll(client: Db, items: Wanted<DeliveryRecord>[]): Promise<RecordAnswer[]> {
  // A run whose lock was lost while we waited for the database must not win: only what is wanted still is written.
  const wanted = items.filter(({ signal }) => !signal.aborted).map(({ what }) => what)
  const { setbacks, unnamedKeys, collectionIds } = await writeRecords(client, wanted.map(toRow))
  void deleteObjects(unnamedKeys)
  const flowIds = new Set(wanted.map(({ key }) => key.flowId))
  const algorithmIds = new Set(wanted.map(({ algorithmId }) => algorithmId))
  publishLive(
    ...topicsOf('flow', flowIds),
    ...topicsOf('algorithm', algorithmIds),
    ...topicsOf('collection', collectionIds),
    'admin',
  )
  return items.map(({ what }) => setbacks.get(what.executionId) ?? 'recorded')
}

async function writeSettlements(
  watch: DatabaseWatch,
  items: SettledExecution[],
  isWanted: () => boolean,
): Promise<undefined[]> {
  await watch.insist(() => markSettledRows(db(), items), isWanted)
  publishLive(...topicsOf('flow', new Set(items.map(({ flowId }) => flowId))), 'admin')
  return items.map(() => undefined)
}

function topicsOf<Kind extends 'flow' | 'algorithm' | 'collection'>(kind: Kind, ids: Set<string>) {
  return [...ids].map((id): `${Kind}:${string}` => `${kind}:${id}`)
}
