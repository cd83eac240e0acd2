import { LinkTabs } from '@/components/ui/link-tabs'

/** What there is to see of one event flow. */
export function FlowTabs({ flowId }: { flowId: string }) {
  const path = `/event-flows/${flowId}`
  return (
    <LinkTabs
      label="Event flow"
      items={[
        { href: path, label: 'Executions', isExact: true },
        { href: `${path}/messages`, label: 'Queue' },
        { href: `${path}/dead-letters`, label: 'Dead letters' },
        { href: `${path}/jobs`, label: 'Jobs' },
      ]}
    />
  )
}
