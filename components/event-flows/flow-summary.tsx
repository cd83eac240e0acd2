import type { ReactNode } from 'react'
import { Card } from '@/components/ui/card'
import { cn } from '@/components/ui/cn'
import { TimeAgo } from '@/components/ui/local-time'
import type { FlowMinutes } from '@/lib/event-flows/minutes'
import type { FlowDetail } from '@/lib/event-flows/queries'
import { BacklogFacts } from './backlog-facts'
import { FlowCounts } from './flow-counts'
import { FlowRates } from './flow-rates'
import { FlowSetup } from './flow-setup'
import { FlowState } from './flow-state'

/** What the consumer does now, what became of the messages so far, and how the flow is set up. */
export function FlowSummary({ flow, minutes }: { flow: FlowDetail; minutes: FlowMinutes }) {
  return (
    <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
      <SummaryCard title="State">
        <FlowState flow={flow} />
      </SummaryCard>
      <SummaryCard title="Deliveries">
        <FlowCounts flow={flow} />
        <p className="text-ink-soft text-sm">
          {flow.lastDeliveryAt ? (
            <>
              The last one <TimeAgo at={flow.lastDeliveryAt} />
            </>
          ) : (
            'None yet. Send a message to try it.'
          )}
        </p>
      </SummaryCard>
      <SummaryCard title="Backlog">
        <BacklogFacts flowId={flow.id} />
      </SummaryCard>
      <SummaryCard title="Rates" className="xl:col-span-3">
        <FlowRates minutes={minutes} />
      </SummaryCard>
      <SummaryCard title="Set-up" className="md:col-span-2 xl:col-span-3">
        <FlowSetup flow={flow} />
      </SummaryCard>
    </div>
  )
}

function SummaryCard({ title, className, children }: { title: string; className?: string; children: ReactNode }) {
  return (
    <Card className={cn('flex flex-col gap-2 p-5', className)}>
      <h2 className="text-ink-soft text-xs uppercase tracking-wider">{title}</h2>
      {children}
    </Card>
  )
}
