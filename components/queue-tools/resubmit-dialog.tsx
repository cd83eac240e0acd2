'use client'

import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { Checkbox } from '@/components/ui/checkbox'
import { Dialog } from '@/components/ui/dialog'
import { DialogFooter } from '@/components/ui/dialog-footer'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { startResubmitAction } from '@/lib/queue-tools/actions'
import type { StartResubmit } from '@/lib/queue-tools/schema'

export type Selection = Pick<StartResubmit, 'sequenceNumbers' | 'filter'>

type ResubmitDialogProps = {
  flow: { id: string; queueName: string }
  what: string
  selection: Selection
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}

/** Sends dead letters to their queue again, as a job. */
export function ResubmitDialog({ flow, what, selection, isOpen, onOpenChange }: ResubmitDialogProps) {
  const router = useRouter()
  const resubmit = useAction(startResubmitAction)
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={`Resubmit ${what}`}
      description={`Each is sent to ${flow.queueName} with its body and properties, and removed from the dead letters when the queue has confirmed it.`}
    >
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          const { keep } = formValues(event)
          resubmit.run({ flowId: flow.id, keepMessageId: keep === 'on', ...selection }, ({ jobId }) => {
            toast.success('The job has begun.')
            router.push(`/event-flows/${flow.id}/jobs/${jobId}`)
          })
        }}
      >
        <KeepMessageId />
        <DialogFooter
          error={resubmit.error}
          submitLabel="Resubmit"
          isPending={resubmit.isPending}
          onCancel={() => onOpenChange(false)}
        />
      </form>
    </Dialog>
  )
}

export function KeepMessageId({ label = 'Keep the message ids' }: { label?: string }) {
  return (
    <Checkbox
      name="keep"
      label={label}
      help="Without this a copy gets a new id. A queue that detects duplicates drops a copy whose id it has seen lately."
    />
  )
}
