'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import type { Place } from './message-browser'
import { PurgeDialog } from './purge-dialog'
import { ResubmitDialog } from './resubmit-dialog'
import type { MessageFilterValues } from './use-messages'

type MessageActionsProps = {
  flow: { id: string; queueName: string }
  place: Place
  filter: MessageFilterValues
  chosen: ReadonlySet<string>
}

/** What can be done to the chosen messages, or to all that match when none is chosen. */
export function MessageActions({ flow, place, filter, chosen }: MessageActionsProps) {
  const [open, setOpen] = useState<'resubmit' | 'purge'>()
  const { text, reason } = filter
  const selection = {
    ...(chosen.size > 0 && { sequenceNumbers: [...chosen] }),
    ...((text || reason) && chosen.size === 0 && { filter: { ...(text && { text }), ...(reason && { reason }) } }),
  }
  const what = chosen.size > 0 ? `${chosen.size} chosen` : text || reason ? 'all that match' : 'all'
  const opening = (which: typeof open) => ({
    isOpen: open === which,
    onOpenChange: (isOpen: boolean) => setOpen(isOpen ? which : undefined),
  })
  return (
    <div className="flex flex-wrap gap-3">
      {place === 'dead_letter' && (
        <Button variant="accent" onClick={() => setOpen('resubmit')}>
          Resubmit {what}
        </Button>
      )}
      <Button variant="danger" onClick={() => setOpen('purge')}>
        Purge {what}
      </Button>
      <ResubmitDialog flow={flow} what={what} selection={selection} {...opening('resubmit')} />
      <PurgeDialog flow={flow} place={place} what={what} selection={selection} {...opening('purge')} />
    </div>
  )
}
