import { Badge } from '@/components/ui/badge'
import { Section } from '@/components/ui/card'
import { TimeAgo } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import type { FlowDetail } from '@/lib/event-flows/queries'
import { LockCountdown } from './lock-countdown'

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
                <Badge tone={message.stage === 'running' ? 'info' : 'warning'}>
                  {message.stage === 'running' ? 'Running' : 'Held before the next try'}
                </Badge>
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
