'use client'

import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { Dialog } from '@/components/ui/dialog'
import { FormError } from '@/components/ui/field'
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
        <FormError message={resubmit.error} />
        <div className="flex flex-wrap justify-end gap-3">
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={resubmit.isPending}>
            Resubmit
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

export function KeepMessageId() {
  return (
    <Checkbox
      name="keep"
      label="Keep the message ids"
      help="Without this each copy gets a new id. A queue that detects duplicates drops a copy whose id it has seen lately."
    />
  )
}
