import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

type Pending<Item, Result> = {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

/** Two or three may meet by chance in a quiet time. */
const BUSY_BATCH = 4

export type BatcherOptions<Item> = {
  maxItems: number
  /** What an item weighs, and how much a batch may weigh; a single item may weigh more. */
  weigh?: (item: Item) => number
  maxWeight?: number
  isOfOneItem?: (error: unknown) => boolean
  /** For items that nobody waits for: more of them go together. Without it, those of one turn of the event loop do. */
  gatherMs?: number
  /** For a busy time, which is when the batch before had BUSY_BATCH items: the next one gathers for so long. */
  busyGatherMs?: number
}

/**
 * Group commit: items that come while a flush is going on go together in the next one, so a quiet time has no delay
 * and a busy one few transactions. `flush` answers with one result an item, in order. When it fails for a reason that
 * `isOfOneItem`, the items are flushed again one by one: a faulty one must not spoil the others.
 */
export function createBatcher<Item, Result>(
  flush: (items: Item[]) => Promise<Result[]>,
  options: BatcherOptions<Item>,
): { add(item: Item): Promise<Result>; whenIdle(): Promise<void> } {
  let pending: Pending<Item, Result>[] = []
  let flushing: Promise<void> | undefined
  let lastSize = 0

  const flushAll = async () => {
    while (pending.length > 0) {
      const gatherMs = options.gatherMs ?? (lastSize >= BUSY_BATCH ? options.busyGatherMs : undefined)
      await (gatherMs ? sleep(gatherMs) : nextTurn())
      const batch = pending.slice(0, countOfNext(pending, options))
      lastSize = batch.length
      pending = pending.slice(batch.length)
      await flushBatch(batch, flush, options.isOfOneItem)
    }
    flushing = undefined
  }
  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        pending.push({ item, resolve, reject })
        flushing ??= flushAll()
      }),
    whenIdle: async () => {
      while (flushing) await flushing
    },
  }
}

function countOfNext<Item>(
  pending: { item: Item }[],
  { maxItems, weigh, maxWeight = Number.POSITIVE_INFINITY }: BatcherOptions<Item>,
): number {
  const most = Math.min(pending.length, maxItems)
  if (!weigh) return most
  let weight = 0
  for (let count = 0; count < most; count++) {
    weight += weigh(pending[count]?.item as Item)
    if (weight > maxWeight) return Math.max(1, count)
  }
  return most
}

async function flushBatch<Item, Result>(
  batch: Pending<Item, Result>[],
  flush: (items: Item[]) => Promise<Result[]>,
  isOfOneItem: (error: unknown) => boolean = () => false,
): Promise<void> {
  try {
    const results = await flush(batch.map(({ item }) => item))
    for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result)
  } catch (error) {
    if (batch.length > 1 && isOfOneItem(error)) {
      for (const pending of batch) await flushBatch([pending], flush)
    } else {
      for (const { reject } of batch) reject(error)
    }
  }
}
