type Pending<Item, Result> = {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

/**
 * Group commit: items that come while a flush is going on go together in the next one, so a quiet time has no delay
 * and a busy one few transactions. `flush` answers with one result an item, in order.
 */
export function createBatcher<Item, Result>(
  flush: (items: Item[]) => Promise<Result[]>,
  options: { maxItems: number },
): { add(item: Item): Promise<Result>; whenIdle(): Promise<void> } {
  let pending: Pending<Item, Result>[] = []
  let flushing: Promise<void> | undefined

  const flushAll = async () => {
    // What is added in the same tick goes together.
    await Promise.resolve()
    while (pending.length > 0) {
      const batch = pending.slice(0, options.maxItems)
      pending = pending.slice(options.maxItems)
      await flushOne(batch, flush)
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

async function flushOne<Item, Result>(
  batch: Pending<Item, Result>[],
  flush: (items: Item[]) => Promise<Result[]>,
): Promise<void> {
  try {
    const results = await flush(batch.map(({ item }) => item))
    for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result)
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}
