import { DeadLetterPanel } from '@/components/event-flows/dead-letter-panel'
import { FlowSummary } from '@/components/event-flows/flow-summary'
import { InFlightMessages } from '@/components/event-flows/in-flight-messages'
import { FlowExecutions } from '@/components/executions/flow-executions'
import type { SearchParams } from '@/components/ui/pager'
import { listFlowVersions } from '@/lib/event-flows/flow-versions'
import { readMinutes } from '@/lib/event-flows/minutes'
import { listForFlow } from '@/lib/executions/list'
import { ExecutionListView } from '@/lib/executions/schema'
import { orNotFound } from '@/lib/web/errors'
import { idOrNotFound } from '@/lib/web/page-id'
import { requireContext } from '@/lib/web/session'
import { type FlowProps, loadFlow } from './load'

export default async function EventFlowPage({
  params,
  searchParams,
}: FlowProps & { searchParams: Promise<SearchParams> }) {
  const ctx = await requireContext()
  const [{ id }, found] = await Promise.all([params, searchParams])
  idOrNotFound(id)
  const view = ExecutionListView.parse(found)
  const [flow, executions, minutes, versions] = await orNotFound(
    Promise.all([
      loadFlow(id),
      listForFlow(ctx, { flowId: id, ...view }),
      readMinutes(ctx, { flowId: id }),
      listFlowVersions(ctx, { flowId: id }),
    ]),
  )
  return (
    <div className="flex flex-col gap-10">
      <FlowSummary flow={flow} minutes={minutes} />
      <InFlightMessages messages={flow.inFlight} />
      <FlowExecutions flow={flow} page={executions} view={view} versions={versions} />
      <DeadLetterPanel flowId={id} deadLetteredCount={flow.deadLetteredCount} />
    </div>
  )
}
