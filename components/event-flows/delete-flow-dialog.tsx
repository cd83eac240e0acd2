'use client'

import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { deleteEventFlowAction } from '@/lib/event-flows/actions'

type DeleteFlowDialogProps = {
  flow: { id: string; queueName: string; endpoint: string }
  afterDelete?: string
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}

/** Asks before a flow is deleted, and says what stays. */
export function DeleteFlowDialog({ flow, afterDelete, isOpen, onOpenChange }: DeleteFlowDialogProps) {
  const router = useRouter()
  const remove = useAction(deleteEventFlowAction)
  const onConfirm = () =>
    remove.run({ id: flow.id }, () => {
      toast.success(`Deleted the event flow of ${flow.queueName}.`)
      onOpenChange(false)
      if (afterDelete) router.push(afterDelete)
      else router.refresh()
    })
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title="Delete this event flow?"
      confirmLabel="Delete"
      onConfirm={onConfirm}
      isPending={remove.isPending}
      error={remove.error}
    >
      <strong>{flow.queueName}</strong> will no longer run {flow.endpoint}. The queue and the messages on it stay as
      they are.
    </ConfirmDialog>
  )
}
