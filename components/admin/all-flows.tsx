import { FlowList } from '@/components/event-flows/flow-list'
import { Section } from '@/components/ui/card'
import type { SearchParams } from '@/components/ui/pager'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { FlowPage } from '@/lib/event-flows/queries'

/** The event flows of every account. */
export function AllFlows(props: { page: FlowPage; searchParams: SearchParams; options: BrokerFormOptions }) {
  return (
    <Section title="Event flows">
      <FlowList {...props} hasOwners />
    </Section>
  )
}
