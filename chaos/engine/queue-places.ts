import { peekQueue, readQueueFacts } from '@/lib/engine/broker/dead-letter'
import type { Flow } from './flows'

const PAGE = 200

/** Over all queues; the last known numbers would mislead, so a broker that does not answer counts as busy. */
export async function readFacts(flows: Flow[]): Promise<{ active: number; dead: number }> {
  const facts = await Promise.all(flows.map(({ address }) => readQueueFacts(address)))
  const sum = (pick: (one: NonNullable<(typeof facts)[number]>) => number) =>
    facts.reduce((total, one) => total + (one ? pick(one) : Number.POSITIVE_INFINITY), 0)
  return { active: sum(({ activeCount }) => activeCount), dead: sum(({ deadLetterCount }) => deadLetterCount) }
}

/** Ids of the messages on the queues, or of those on their dead-letter queues. */
export async function readIds(flows: Flow[], subQueue?: 'dead-letter'): Promise<string[]> {
  const ids: string[] = []
  for (const { address } of flows) {
    for (let from = 1n; ; ) {
      const page = await peekQueue({
        ...address,
        fromSequenceNumber: from,
        maxCount: PAGE,
        ...(subQueue && { subQueue }),
      })
      ids.push(...page.map(({ messageId }) => messageId ?? 'without an id'))
      const last = page.at(-1)
      if (!last) break
      from = last.sequenceNumber + 1n
    }
  }
  return ids
}
