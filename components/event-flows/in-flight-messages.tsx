import { Badge } from '@/components/ui/badge'
import { Section } from '@/components/ui/card'
import { TimeAgo } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { FlowDetail } from '@/lib/event-flows/queries'
import { LockCountdown } from './lock-countdown'

const STAGES = {
  running: { tone: 'info', text: 'Running' },
  recording: { tone: 'info', text: 'Being recorded' },
  held: { tone: 'warning', text: 'Held before the next try' },
} as const

/** Messages that are in work, or held until the next try. Renders nothing when there are none. */
export function InFlightMessages({ messages }: { messages: FlowDetail['inFlight'] }) {
  if (messages.length === 0) return null
  return (
    <Section title="In flight">
      <Table label="Messages in flight">
        <thead>
          <tr>
            <Th>Stage</Th>
            <Th>Message</Th>
            <Th>Delivery</Th>
            <Th>Received</Th>
            <Th>Lock ends in</Th>
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => (
            <Tr key={message.executionId}>
              <Td>
                <Badge tone={STAGES[message.stage].tone}>{STAGES[message.stage].text}</Badge>
              </Td>
              <Td className="break-all font-mono text-sm">{message.messageId ?? `number ${message.sequenceNumber}`}</Td>
              <Td>{message.attempt}</Td>
              <Td>
                <TimeAgo at={message.receivedAt} />
              </Td>
              <Td>
                <LockCountdown until={message.lockedUntil} />
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Section>
  )
}
