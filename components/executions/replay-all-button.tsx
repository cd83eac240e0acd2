'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { FormError } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { VersionField } from '@/components/versions/version-field'
import type { ExecutionListView } from '@/lib/executions/schema'
import { startReplayAction } from '@/lib/queue-tools/actions'

type ReplayAllProps = { flowId: string; view: Omit<ExecutionListView, 'after'>; versions: string[] }

/** Runs the inputs of all executions that the filters show again, as a job. */
export function ReplayAllButton({ flowId, view, versions }: ReplayAllProps) {
  const router = useRouter()
  const [isOpen, setOpen] = useState(false)
  const replay = useAction(startReplayAction)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Replay these</Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Replay executions"
        description="Runs the input of each delivery that the filters show once more, on all their pages. Nothing on the queue changes, and no replay’s result wins."
      >
        <form
          className="flex flex-col gap-5"
          onSubmit={(event) => {
            const { version = '' } = formValues(event)
            replay.run({ flowId, view, version }, ({ jobId }) => {
              toast.success('The replay has begun.')
              router.push(`/event-flows/${flowId}/jobs/${jobId}`)
            })
          }}
        >
          <VersionField versions={versions} />
          <FormError message={replay.error ?? replay.fields.version} />
          <div className="flex flex-wrap justify-end gap-3">
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button type="submit" variant="primary" isPending={replay.isPending}>
              Replay
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
