import { CodeBlock } from '@/components/ui/code-block'
import { LocalTime } from '@/components/ui/local-time'
import type { DeadLetter } from '@/lib/event-flows/dead-letters'

/** One message with why it was put aside; its body opens on demand. */
export function DeadLetterItem({ message }: { message: DeadLetter }) {
  const name = message.messageId ?? `number ${message.sequenceNumber}`
  return (
    <li className="flex flex-col gap-1.5 border-t py-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <strong className="break-all">{message.reason ?? 'No reason given'}</strong>
        <span className="text-ink-soft text-sm">
          deliveries: {message.deliveryCount} · enqueued <LocalTime at={message.enqueuedAt} />
        </span>
      </div>
      {message.description && <p className="break-words">{message.description}</p>}
      <p className="break-all font-mono text-ink-soft text-sm">{name}</p>
      <details>
        <summary className="cursor-pointer text-link">Body{message.contentType && ` (${message.contentType})`}</summary>
        <CodeBlock label={`body of ${name}`} text={message.bodyPreview} className="mt-2" />
        {message.isBodyCut && <p className="text-ink-soft text-sm">Only the start is shown.</p>}
      </details>
    </li>
  )
}
