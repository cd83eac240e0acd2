import { Section } from '@/components/ui/card'
import { CodeBlock } from '@/components/ui/code-block'
import { FormError } from '@/components/ui/field'
import { LocalTime } from '@/components/ui/local-time'
import { SkeletonRows } from '@/components/ui/skeleton'
import type { Context } from '@/lib/context'
import { type DeadLetter, listDeadLetters } from '@/lib/event-flows/dead-letters'

const TITLE = 'Dead letters'

/** What the broker has put aside; asked for now, without taking anything. */
export async function DeadLetterPanel({ ctx, flowId }: { ctx: Context; flowId: string }) {
  const { problem, messages, hasMore } = await listDeadLetters(ctx, { flowId })
  return (
    <Section
      title={TITLE}
      description="Messages that the broker has put aside: those that failed as often as the queue allows, and those that can not succeed."
    >
      {problem && <FormError message={`The dead-letter queue can not be shown now. ${problem}`} />}
      {!problem && messages.length === 0 && <p className="text-ink-soft">None. Every message was dealt with.</p>}
      <ul className="flex flex-col">
        {messages.map((message) => (
          <DeadLetterItem key={message.sequenceNumber} message={message} />
        ))}
      </ul>
      {hasMore && <p className="text-ink-soft">There are more; these are the oldest {messages.length}.</p>}
    </Section>
  )
}

export function DeadLetterPanelSkeleton() {
  return (
    <Section title={TITLE}>
      <SkeletonRows count={2} label="Asking the broker for dead letters" />
    </Section>
  )
}

function DeadLetterItem({ message }: { message: DeadLetter }) {
  const name = message.messageId ?? `number ${message.sequenceNumber}`
  return (
    <li className="flex flex-col gap-2 border-t py-4">
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
