'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { FormError } from '@/components/ui/field'
import { formValues } from '@/components/ui/form-values'
import { useAction } from '@/components/ui/use-action'
import { VersionField } from '@/components/versions/version-field'
import { replayExecutionAction } from '@/lib/executions/actions'

/** Runs an execution's input again, on a version of choice, and shows the new execution. */
export function ReplayButton({ executionId, versions }: { executionId: string; versions: string[] }) {
  const router = useRouter()
  const [isOpen, setOpen] = useState(false)
  const replay = useAction(replayExecutionAction)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Replay</Button>
      <Dialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title="Replay"
        description="Runs the same input once more. Nothing on the queue changes, and the new result does not count for the message."
      >
        <form
          className="flex flex-col gap-5"
          onSubmit={(event) => {
            const { version = '' } = formValues(event)
            replay.run({ id: executionId, version }, (started) => {
              setOpen(false)
              router.push(`/executions/${started.executionId}`)
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
