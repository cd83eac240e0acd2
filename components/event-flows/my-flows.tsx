import { LinkButton } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import type { SearchParams } from '@/components/ui/pager'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { FlowPage } from '@/lib/event-flows/queries'
import { FlowList } from './flow-list'

type MyFlowsProps = { page: FlowPage; isFiltered: boolean; searchParams: SearchParams; options: BrokerFormOptions }

/** All event flows of one's own algorithms. */
export function MyFlows({ page, isFiltered, searchParams, options }: MyFlowsProps) {
  if (page.total > 0 || isFiltered) return <FlowList page={page} searchParams={searchParams} options={options} />
  return (
    <EmptyState
      title="No event flow yet"
      actions={
        <LinkButton href="/algorithms" variant="accent">
          Choose an algorithm
        </LinkButton>
      }
    >
      An event flow runs an algorithm for each message on a queue. Open one of your algorithms, and connect a broker on
      its Events tab.
    </EmptyState>
  )
}
