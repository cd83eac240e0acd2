import type { Metadata } from 'next'
import { AlgorithmFlows } from '@/components/event-flows/algorithm-flows'
import { LiveRefresh } from '@/components/ui/live-refresh'
import type { SearchParams } from '@/components/ui/pager'
import { getBrokerFormOptions } from '@/lib/event-flows/form-options'
import { listForAlgorithm } from '@/lib/event-flows/queries'
import { FlowListView } from '@/lib/event-flows/schema'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

type Props = { params: Promise<{ owner: string; name: string }>; searchParams: Promise<SearchParams> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  return { title: `Events · ${owner}/${name}` }
}

export default async function EventsPage({ params, searchParams }: Props) {
  const ctx = await requireContext()
  const [path, found] = await Promise.all([params, searchParams])
  const page = await orNotFound(listForAlgorithm(ctx, { ...path, ...FlowListView.parse(found) }))
  return (
    <>
      <LiveRefresh topics={[`algorithm:${page.algorithm.id}`, ...page.flows.map(({ id }) => `flow:${id}` as const)]} />
      <AlgorithmFlows page={page} searchParams={found} options={getBrokerFormOptions(ctx)} />
    </>
  )
}
