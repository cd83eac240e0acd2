import { listAlgorithms } from '@/lib/algorithms/queries'
import type { Context } from '@/lib/context'
import { collectionHref } from '@/lib/data/links'
import { searchCollections } from '@/lib/data/queries'
import { listMine } from '@/lib/event-flows/queries'
import { FlowListView } from '@/lib/event-flows/schema'
import { Search, type SearchHit } from './schema'

const HITS_PER_KIND = 6

/** Algorithms, event flows and collections that the actor may see and whose names hold `q`; nothing for no text. */
export async function findByName(ctx: Context, input: Search): Promise<SearchHit[]> {
  const { q } = Search.parse(input)
  if (q === '') return []
  const [algorithms, flows, collections] = await Promise.all([
    listAlgorithms(ctx, { search: q }),
    listMine(ctx, FlowListView.parse({ q })),
    searchCollections(ctx, q),
  ])
  return [
    ...algorithms.algorithms.slice(0, HITS_PER_KIND).map(({ label, endpoint }) => {
      return { kind: 'Algorithm', title: label, detail: endpoint, href: `/algorithms/${endpoint}` } as const
    }),
    ...flows.flows.slice(0, HITS_PER_KIND).map(({ id, queueName, endpoint }) => {
      return { kind: 'Event flow', title: queueName, detail: endpoint, href: `/event-flows/${id}` } as const
    }),
    ...collections.slice(0, HITS_PER_KIND).map(({ name, uri, owner }) => {
      return { kind: 'Data collection', title: name, detail: uri, href: collectionHref(owner.name, name) } as const
    }),
  ]
}
