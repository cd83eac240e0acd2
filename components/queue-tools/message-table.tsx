'use client'

import { LocalTime } from '@/components/ui/local-time'
import { Table, Td, Th, Tr } from '@/components/ui/table'
import { formatBytes } from '@/lib/format'
import type { MessageRow } from '@/lib/queue-tools/browse-messages'
import type { Place } from './message-browser'

type MessageTableProps = {
  messages: MessageRow[]
  place: Place
  chosen: ReadonlySet<string>
  onChoose: (chosen: ReadonlySet<string>) => void
  shown: string | undefined
  onShow: (sequenceNumber: string) => void
}

/** One row a message: a box to choose it, its id to look at it. */
export function MessageTable({ messages, place, chosen, onChoose, shown, onShow }: MessageTableProps) {
  const isDead = place === 'dead_letter'
  const areAllChosen = messages.every(({ sequenceNumber }) => chosen.has(sequenceNumber))
  const toggle = (sequenceNumber: string) => {
    const next = new Set(chosen)
    if (!next.delete(sequenceNumber)) next.add(sequenceNumber)
    onChoose(next)
  }
  return (
    <Table label={isDead ? 'Dead letters' : 'Messages'}>
      <thead>
        <tr>
          <Th>
            <input
              type="checkbox"
              aria-label="Choose all that are shown"
              className="size-4 accent-primary"
              checked={areAllChosen}
              onChange={() => onChoose(areAllChosen ? new Set() : new Set(messages.map((one) => one.sequenceNumber)))}
            />
          </Th>
          <Th>Number</Th>
          <Th>Message</Th>
          {isDead && <Th>Reason</Th>}
          <Th>Enqueued</Th>
        </tr>
      </thead>
      <tbody>
        {messages.map((message) => {
          const { sequenceNumber, messageId } = message
          const name = messageId ?? `number ${sequenceNumber}`
          return (
            <Tr key={sequenceNumber} className={shown === sequenceNumber ? 'bg-primary-soft' : undefined}>
              <Td>
                <input
                  type="checkbox"
                  aria-label={`Choose ${name}`}
                  className="size-4 accent-primary"
                  checked={chosen.has(sequenceNumber)}
                  onChange={() => toggle(sequenceNumber)}
                />
              </Td>
              <Td className="tabular-nums">{sequenceNumber}</Td>
              <Td className="min-w-40">
                <button
                  type="button"
                  aria-pressed={shown === sequenceNumber}
                  onClick={() => onShow(sequenceNumber)}
                  title={name}
                  className="line-clamp-2 break-all text-left font-mono text-link text-sm hover:underline"
                >
                  {name}
                </button>
                <span className="line-clamp-1 break-all text-ink-soft text-xs">
                  {message.state !== 'active' && `${message.state} · `}
                  {formatBytes(message.bytes)} · {message.snippet}
                </span>
              </Td>
              {isDead && <Td className="wrap-anywhere min-w-32 text-sm">{message.reason ?? '-'}</Td>}
              <Td className="min-w-28 text-sm">
                <LocalTime at={message.enqueuedAt} />
              </Td>
            </Tr>
          )
        })}
      </tbody>
    </Table>
  )
}
