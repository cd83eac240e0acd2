import { FlowList } from '@/components/event-flows/flow-list'
import { Section } from '@/components/ui/card'
import type { SearchParams } from '@/components/ui/pager'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { FlowPage } from '@/lib/event-flows/queries'

type AllFlowsProps = { page: FlowPage; isFiltered: boolean; searchParams: SearchParams; options: BrokerFormOptions }

/** The event flows of every account. */
export function AllFlows({ isFiltered, ...list }: AllFlowsProps) {
  return (
    <Section title="Event flows">
      {list.page.total === 0 && !isFiltered ? (
        <p className="text-ink-soft">
          Nobody has connected a queue yet. Queues are connected on an algorithm’s Events tab.
        </p>
      ) : (
        <FlowList {...list} hasOwners />
      )}
    </Section>
  )
}
