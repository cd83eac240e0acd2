import { FlowCounts } from '@/components/event-flows/flow-counts'
import { FlowState } from '@/components/event-flows/flow-state'
import { LinkButton } from '@/components/ui/button'
import { Section } from '@/components/ui/card'
import { EmptyState } from '@/components/ui/empty-state'
import { TextLink } from '@/components/ui/text-link'
import type { FlowRow } from '@/lib/event-flows/queries'

/** One's event flows with what they do now. `eventsHref` is where the first one is connected. */
export function FlowOverview({ flows, eventsHref }: { flows: FlowRow[]; eventsHref: string }) {
  return (
    <Section title="Event flows" actions={<TextLink href="/event-flows">All event flows</TextLink>}>
      {flows.length === 0 ? (
        <EmptyState
          title="No queue is connected"
          actions={
            <LinkButton variant="accent" href={eventsHref}>
              Connect a queue
            </LinkButton>
          }
        >
          Connect a queue of your message broker to a published algorithm: every message runs it.
        </EmptyState>
      ) : (
        <ul className="border-t">
          {flows.map((flow) => (
            <li key={flow.id} className="flex flex-col gap-1 border-b py-3">
              <TextLink href={`/event-flows/${flow.id}`} className="break-words font-bold">
                {flow.queueName}
              </TextLink>
              <span className="break-all font-mono text-ink-soft text-sm">{flow.endpoint}</span>
              <FlowState flow={flow} />
              <FlowCounts flow={flow} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
