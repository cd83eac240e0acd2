import type { ReactNode } from 'react'
import { Fact, FactList } from '@/components/ui/fact-list'
import { LocalTime } from '@/components/ui/local-time'
import type { MessageDetail } from '@/lib/queue-tools/browse-messages'

/** What the broker and the sender say of a message. */
export function MessageProperties({ message }: { message: MessageDetail }) {
  const { systemProperties, applicationProperties, scheduledAt, reason, description } = message
  const own = Object.entries(applicationProperties)
  return (
    <>
      <Group title="Properties">
        {reason && <Fact name="Dead-letter reason">{reason}</Fact>}
        {description && <Fact name="Description">{description}</Fact>}
        <Fact name="Message id">{message.messageId ?? '-'}</Fact>
        <Fact name="Sequence number">{message.sequenceNumber}</Fact>
        <Fact name="Enqueued">
          <LocalTime at={message.enqueuedAt} />
        </Fact>
        <Fact name="Deliveries">{message.deliveryCount}</Fact>
        <Fact name="State">{message.state}</Fact>
        {scheduledAt && (
          <Fact name="Scheduled for">
            <LocalTime at={scheduledAt} />
          </Fact>
        )}
        {Object.entries(systemProperties).map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </Group>
      {own.length > 0 && (
        <Group title="Application properties">
          {own.map(([name, value]) => (
            <Fact key={name} name={name}>
              {typeof value === 'string' ? value : JSON.stringify(value)}
            </Fact>
          ))}
        </Group>
      )}
    </>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <h3 className="text-ink-soft text-xs uppercase tracking-wider">{title}</h3>
      <FactList className="text-sm [&_dd]:font-mono">{children}</FactList>
    </div>
  )
}
