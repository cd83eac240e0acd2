'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { useAction } from '@/components/ui/use-action'
import { VersionDialog } from '@/components/versions/version-dialog'
import { replayExecutionAction } from '@/lib/executions/actions'

/** Runs an execution's input again, on a version of choice, and shows the new execution. */
export function ReplayButton({ executionId, versions }: { executionId: string; versions: string[] }) {
  const router = useRouter()
  const [isOpen, setOpen] = useState(false)
  const replay = useAction(replayExecutionAction)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Replay</Button>
      <VersionDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="Replay"
        description="Runs the same input once more. Nothing on the queue changes, and the new result does not count for the message."
        submitLabel="Replay"
        versions={versions}
        action={replay}
        onChoose={(version) =>
          replay.run({ id: executionId, version }, (started) => {
            setOpen(false)
            router.push(`/executions/${started.executionId}`)
          })
        }
      />
    </>
  )
}
