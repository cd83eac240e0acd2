import type { Metadata } from 'next'
import { DeadLetterPanel } from '@/components/event-flows/dead-letter-panel'
import { FlowHeader } from '@/components/event-flows/flow-header'
import { FlowSummary } from '@/components/event-flows/flow-summary'
import { InFlightMessages } from '@/components/event-flows/in-flight-messages'
import { FlowExecutions } from '@/components/executions/flow-executions'
import { LiveRefresh } from '@/components/ui/live-refresh'
import type { SearchParams } from '@/components/ui/pager'
import { getBrokerFormOptions } from '@/lib/event-flows/form-options'
import { getFlow } from '@/lib/event-flows/queries'
import { listForFlow } from '@/lib/executions/list'
import { ExecutionListView } from '@/lib/executions/schema'
import { orNotFound } from '@/lib/web/errors'
import { requireContext } from '@/lib/web/session'

export const metadata: Metadata = { title: 'Event flow' }

type Props = { params: Promise<{ id: string }>; searchParams: Promise<SearchParams> }

export default async function EventFlowPage({ params, searchParams }: Props) {
  const ctx = await requireContext()
  const [{ id }, found] = await Promise.all([params, searchParams])
  const view = ExecutionListView.parse(found)
  const [flow, executions] = await orNotFound(
    Promise.all([getFlow(ctx, { id }), listForFlow(ctx, { flowId: id, ...view })]),
  )
  return (
    <>
      <LiveRefresh topics={[`flow:${id}`]} />
      <FlowHeader flow={flow} options={getBrokerFormOptions(ctx)} />
      <div className="flex flex-col gap-10">
        <FlowSummary flow={flow} />
        <InFlightMessages messages={flow.inFlight} />
        <FlowExecutions page={executions} view={view} />
        <DeadLetterPanel flowId={id} deadLetteredCount={flow.deadLetteredCount} />
      </div>
    </>
  )
}
