'use client'

import { useState } from 'react'
import { Button } from '@/components/ui/button'
import type { BrokerFormOptions } from '@/lib/event-flows/form-options'
import type { FlowRow } from '@/lib/event-flows/queries'
import { BrokerModal } from './broker-modal'
import { DeleteFlowDialog } from './delete-flow-dialog'
import { SendMessageDialog } from './send-message-dialog'

type FlowActionsProps = {
  flow: Pick<FlowRow, 'id' | 'queueName' | 'namespaceHost' | 'endpoint' | 'timeoutSeconds' | 'options'>
  options: BrokerFormOptions
  /** Where to go when the flow is gone: the page that shows it must be left. */
  afterDelete?: string
}

/** What the owner can do to one flow. */
export function FlowActions({ flow, options, afterDelete }: FlowActionsProps) {
  const [open, setOpen] = useState<'send' | 'edit' | 'delete'>()
  const opening = (which: typeof open) => ({
    isOpen: open === which,
    onOpenChange: (isOpen: boolean) => setOpen(isOpen ? which : undefined),
  })
  return (
    <div className="flex flex-wrap gap-2 sm:gap-3 xl:justify-end">
      <Button onClick={() => setOpen('send')}>Send message</Button>
      <Button onClick={() => setOpen('edit')}>Edit</Button>
      <Button variant="danger" onClick={() => setOpen('delete')}>
        Delete
      </Button>
      <SendMessageDialog flow={flow} {...opening('send')} />
      <BrokerModal flow={flow} endpoint={flow.endpoint} options={options} {...opening('edit')} />
      <DeleteFlowDialog flow={flow} afterDelete={afterDelete} {...opening('delete')} />
    </div>
  )
}
