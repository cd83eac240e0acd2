'use client'

import { useRouter } from 'next/navigation'
import { toast } from 'sonner'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { startPurgeAction } from '@/lib/queue-tools/actions'
import { PURGE_WORD } from '@/lib/queue-tools/words'
import type { Place } from './message-browser'
import type { Selection } from './resubmit-dialog'

type PurgeDialogProps = {
  flow: { id: string; queueName: string }
  place: Place
  what: string
  selection: Selection
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
}

/** Removes messages for good, as a job, after a word was typed. */
export function PurgeDialog({ flow, place, what, selection, isOpen, onOpenChange }: PurgeDialogProps) {
  const router = useRouter()
  const purge = useAction(startPurgeAction)
  const noun = place === 'queue' ? 'messages of' : 'dead letters of'
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={`Purge ${what}?`}
      confirmLabel="Purge"
      word={PURGE_WORD}
      onConfirm={() =>
        purge.run({ flowId: flow.id, place, word: PURGE_WORD, ...selection }, ({ jobId }) => {
          toast.success('The job has begun.')
          router.push(`/event-flows/${flow.id}/jobs/${jobId}`)
        })
      }
      isPending={purge.isPending}
      error={purge.error}
    >
      Removes {what} {noun} <strong>{flow.queueName}</strong> for good. What arrives after the job has begun stays.
    </ConfirmDialog>
  )
}
