'use client'

import Link from 'next/link'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Card } from '@/components/ui/card'
import { FormError } from '@/components/ui/field'
import { SkeletonRows } from '@/components/ui/skeleton'
import { labelOfSource, labelOfStatus } from '@/lib/executions/words'
import type { ExecutionSource, ExecutionStatus } from '@/lib/generated/prisma/enums'
import type { MessageDetail } from '@/lib/queue-tools/browse-messages'
import { DryRunDialog } from './dry-run-dialog'
import { EditDialog } from './edit-dialog'
import { MessageBody } from './message-body'
import type { Place } from './message-browser'
import { MessageProperties } from './message-properties'
import { useMessage } from './use-messages'

type MessagePaneProps = {
  flowId: string
  place: Place
  sequenceNumber: string | undefined
  versions: string[]
  /** The message is not where it was any more. */
  onChanged: () => void
}

/** One message: its body, its properties, and what can be done to it. */
export function MessagePane({ flowId, place, sequenceNumber, versions, onChanged }: MessagePaneProps) {
  const answer = useMessage(flowId, place, sequenceNumber)
  const [open, setOpen] = useState<'edit' | 'dry-run'>()
  if (!sequenceNumber) {
    return <Card className="p-5 text-ink-soft">Choose a message by its id to see its body and properties.</Card>
  }
  if (answer?.problem) return <FormError message={answer.problem} />
  const message = answer?.message
  if (!message) return <SkeletonRows count={2} label="Asking the broker" />
  const ref = { flowId, place, sequenceNumber }
  return (
    <Card className="flex min-w-0 flex-col gap-5 p-5">
      <div className="flex flex-wrap gap-3">
        {place === 'dead_letter' && <Button onClick={() => setOpen('edit')}>Edit and resubmit</Button>}
        <Button onClick={() => setOpen('dry-run')}>Dry run</Button>
      </div>
      <MessageBody body={message.body} bytes={message.bytes} contentType={message.contentType} />
      <MessageProperties message={message} />
      <PastExecutions executions={message.executions} />
      <EditDialog
        key={sequenceNumber}
        flowId={flowId}
        message={message}
        isOpen={open === 'edit'}
        onClose={() => setOpen(undefined)}
        onSent={onChanged}
      />
      <DryRunDialog
        messageRef={ref}
        versions={versions}
        isOpen={open === 'dry-run'}
        onClose={() => setOpen(undefined)}
      />
    </Card>
  )
}

function PastExecutions({ executions }: Pick<MessageDetail, 'executions'>) {
  if (executions.length === 0) return null
  return (
    <div className="flex flex-col gap-1.5">
      <h3 className="text-ink-soft text-xs uppercase tracking-wider">Executions</h3>
      <ul className="flex flex-col gap-1">
        {executions.map(({ id, status, source, deliveryCount }) => (
          <li key={id}>
            <Link href={`/executions/${id}`} className="text-link hover:underline">
              {labelOfSource(source as ExecutionSource)} {deliveryCount}: {labelOfStatus(status as ExecutionStatus)}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}
