import type { Metadata } from 'next'
import { Suspense } from 'react'
import { AllFlows } from '@/components/admin/all-flows'
import { HealthCards, HealthCardsSkeleton } from '@/components/admin/health-cards'
import { LiveRefresh } from '@/components/ui/live-refresh'
import { PageHeader } from '@/components/ui/page-header'
import type { SearchParams } from '@/components/ui/pager'
import { getBrokerFormOptions } from '@/lib/event-flows/form-options'
import { listAll } from '@/lib/event-flows/queries'
import { FlowListView } from '@/lib/event-flows/schema'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Dashboard' }

export default async function DashboardPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const ctx = await requireContext()
  const found = await searchParams
  const view = FlowListView.parse(found)
  const page = await orNotFound(listAll(ctx, view))
  return (
    <>
      <LiveRefresh topics={['admin']} />
      <PageHeader title="Dashboard" description="The health of this server, and the event flows of all accounts." />
      <div className="flex flex-col gap-10">
        <Suspense fallback={<HealthCardsSkeleton />}>
          <HealthCards ctx={ctx} />
        </Suspense>
        <AllFlows page={page} isFiltered={view.q !== ''} searchParams={found} options={getBrokerFormOptions(ctx)} />
      </div>
    </>
  )
}
