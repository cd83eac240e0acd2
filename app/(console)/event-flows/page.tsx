import type { Metadata } from 'next'
import { MyFlows } from '@/components/event-flows/my-flows'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { PageHeader } from '@/components/ui/page-header'
import type { SearchParams } from '@/components/ui/pager'
import { accountOf } from '@/lib/context'
import { getBrokerFormOptions } from '@/lib/event-flows/form-options'
import { listMine } from '@/lib/event-flows/queries'
import { FlowListView } from '@/lib/event-flows/schema'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Event flows' }

export default async function EventFlowsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const ctx = await requireContext()
  const found = await searchParams
  const view = FlowListView.parse(found)
  const page = await listMine(ctx, view)
  return (
    <>
      <LiveRefresh topics={[`account:${accountOf(ctx)}`, ...page.flows.map(({ id }) => `flow:${id}` as const)]} />
      <PageHeader title="Event flows" description="The queues that run your algorithms." />
      <MyFlows page={page} isFiltered={view.q !== ''} searchParams={found} options={getBrokerFormOptions(ctx)} />
    </>
  )
}
